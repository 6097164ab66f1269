"""The vendor's published vectors, and what they do not show."""

import pytest

from monitor.phonelist.signature import signature

SIGNED = {"accessKey": "fme2na3kdi3ki", "ts": "1655710885431", "bizType": "1", "action": "send"}
SECRET = "abciiiko2k3"


@pytest.mark.parametrize(
    ("body", "algorithm", "expected"),
    [
        pytest.param('{"name":"牛小信","id":10001}', "md5", "87c3560d3331ae23f1021e2025722354", id="published"),
        pytest.param('{"id":10001,"name":"牛小信"}', "md5", "7750759da06333f20d0640be09355e34", id="other order"),
        pytest.param('{"id": 10001, "name": "牛小信"}', "md5", "d0c24a9886c629330d7f3f2056c65bc2", id="with spaces"),
        pytest.param(
            '{"id":10001,"name":"牛小信"}',
            "sha256",
            "d04863619d46121592cdb312ec0a91c148a1f5daea64930ad0e1fb31a04dc808",
            id="sha256",
        ),
    ],
)
def test_the_published_vectors_come_out(body, algorithm, expected):
    assert signature(SIGNED, body.encode(), SECRET, algorithm) == expected


def test_the_order_of_the_headers_does_not_matter():
    backwards = dict(reversed(SIGNED.items()))

    assert signature(backwards, b"{}", SECRET) == signature(SIGNED, b"{}", SECRET)


def test_empty_bytes_leave_the_body_part_out():
    # md5 of "accessKey=fme2na3kdi3ki&action=send&bizType=1&ts=1655710885431&accessSecret=abciiiko2k3"
    assert signature(SIGNED, b"", SECRET) == "884afe159e39b6c88a0d6102ca97d704"


def test_every_byte_of_the_body_counts():
    assert signature(SIGNED, b"{} ", SECRET) != signature(SIGNED, b"{}", SECRET)
