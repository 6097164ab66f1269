import asyncio
import base64
import threading

import bcrypt
import pytest

from monitor.web import users as module
from monitor.web.users import Users, credentials

HASH = bcrypt.hashpw(b"sesame", bcrypt.gensalt(4)).decode()


class Checks:
    """Stands in for bcrypt: keeps what it was asked, and how many were at it at once."""

    def __init__(self, right: bytes = b"sesame") -> None:
        self.asked: list[tuple[bytes, bytes]] = []
        self.most_at_once = 0
        self._right = right
        self._at_once = 0

    def __call__(self, password: bytes, hashed: bytes) -> bool:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        self.asked.append((password, hashed))
        self._at_once -= 1
        return password == self._right


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        pytest.param(basic("ops", "sesame"), "ops", id="the right password"),
        pytest.param(basic("ops", "sesame").replace("Basic", "bASIC"), "ops", id="a scheme in any case"),
        pytest.param(basic("ops", "open"), None, id="a wrong password"),
        pytest.param(basic("eve", "sesame"), None, id="nobody's name"),
        pytest.param(basic("ops", ""), None, id="no password"),
        pytest.param(basic("ops", "x" * 100), None, id="a password longer than bcrypt looks at"),
        pytest.param("", None, id="nothing"),
        pytest.param("Bearer sesame", None, id="another scheme"),
        pytest.param("Basic ???", None, id="no base64"),
        pytest.param("Basic b3Bz", None, id="no colon"),
    ],
)
async def test_a_user_is_who_knows_the_password(authorization, expected):
    assert await Users({"ops": HASH}).who(authorization) == expected


@pytest.mark.parametrize("form", ["$2a$", "$2b$", "$2y$"])
async def test_every_form_of_hash_that_tools_make_is_checked(form):
    assert await Users({"ops": form + HASH[4:]}).who(basic("ops", "sesame")) == "ops"


async def test_only_72_bytes_count_as_in_every_bcrypt():
    hashed = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()

    assert await Users({"ops": hashed}).who(basic("ops", "x" * 73)) == "ops"


async def test_a_password_may_hold_colons_and_any_script():
    hashed = bcrypt.hashpw("芝麻:开门".encode(), bcrypt.gensalt(4)).decode()

    assert await Users({"小王": hashed}).who(basic("小王", "芝麻:开门")) == "小王"


@pytest.mark.parametrize("user", ["ops", "eve"])
@pytest.mark.parametrize("password", ["sesame", "open"])
async def test_the_same_credentials_are_checked_once(user, password):
    checks = Checks()
    users = Users({"ops": HASH}, check=checks)

    first, second = [await users.who(basic(user, password)) for _ in range(2)]

    assert (first == second, len(checks.asked)) == (True, 1)


async def test_the_same_credentials_at_the_same_moment_are_checked_once():
    checks = Checks()
    users = Users({"ops": HASH}, check=checks)

    found = await asyncio.gather(*(users.who(basic("ops", "sesame")) for _ in range(8)))

    assert (found, len(checks.asked)) == (["ops"] * 8, 1)


async def test_checks_are_made_one_at_a_time_and_off_the_loop():
    checks = Checks()
    threads: set[int] = set()

    def check(password: bytes, hashed: bytes) -> bool:
        threads.add(threading.get_ident())
        return checks(password, hashed)

    users = Users({"ops": HASH}, check=check)

    await asyncio.gather(*(users.who(basic("ops", f"guess {number}")) for number in range(20)))

    assert (len(checks.asked), checks.most_at_once) == (20, 1)
    assert threading.get_ident() not in threads


async def test_a_name_that_nobody_has_costs_a_check_as_slow_as_the_slowest():
    checks = Checks()
    slow = "$2y$12$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"

    await Users({"ops": HASH, "slow": slow}, check=checks).who(basic("eve", "sesame"))

    ((_, hashed),) = checks.asked
    assert bcrypt.checkpw(b"sesame", hashed.replace(b"$12$", b"$04$")) is False
    assert hashed.startswith(b"$2b$12$")


@pytest.mark.parametrize("user", ["ops", "slow", "eve"])
async def test_a_wrong_password_takes_as_long_for_every_name(user):
    checks = Checks()
    slow = "$2y$12$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"

    assert await Users({"ops": HASH, "slow": slow}, check=checks).who(basic(user, "open")) is None

    assert sum(2 ** int(hashed.split(b"$")[2]) for _, hashed in checks.asked) == 2**12


async def test_wrong_guesses_do_not_push_out_what_was_right(monkeypatch):
    monkeypatch.setattr(module, "MOST_WRONG", 3)
    checks = Checks()
    users = Users({"ops": HASH}, check=checks)
    await users.who(basic("ops", "sesame"))
    for number in range(10):
        await users.who(basic("ops", f"guess {number}"))

    assert await users.who(basic("ops", "sesame")) == "ops"
    assert (len(checks.asked), len(users._wrong)) == (11, 3)


async def test_no_password_is_kept():
    users = Users({"ops": HASH})
    await users.who(basic("ops", "sesame"))
    await users.who(basic("ops", "open-sesame"))

    assert "sesame" not in repr(vars(users))


def test_bytes_that_are_no_text_make_a_name_that_nobody_has():
    assert credentials("Basic " + base64.b64encode(b"\xff\xfe:x").decode()) == ("\udcff\udcfe", b"x")
