import re

import pytest


async def assets(ask):
    return re.findall(r'"\./(assets/[^"]+)"', (await ask("/")).text)


async def test_pages_name_their_files_with_their_digest(ask):
    style, script = sorted(await assets(ask), reverse=True)

    assert re.fullmatch(r"assets/style\.[0-9a-f]{16}\.css", style)
    assert re.fullmatch(r"assets/live\.[0-9a-f]{16}\.js", script)


async def test_a_file_is_kept_for_ever(ask):
    for path in await assets(ask):
        answer = await ask(f"/{path}")

        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith("text/")


async def test_a_file_that_is_asked_for_by_an_old_digest_is_given_and_not_kept(ask):
    answer = await ask("/assets/style.0123456789abcdef.css")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    assert (await ask("/assets/style.x.css", headers={"if-none-match": answer.headers["etag"]})).status_code == 304


@pytest.mark.parametrize("path", ["nothing.0.css", "..%2Fframe.py", "style", "live.0.py"])
async def test_there_is_no_other_file(ask, path):
    assert (await ask(f"/assets/{path}")).status_code == 404
