"""The vendor's published vectors."""

import pytest

from monitor.simulator.signature import signature

PUBLISHED = {"accessKey": "fme2na3kdi3ki", "ts": "1655710885431", "bizType": "1", "action": "send"}
SECRET = "abciiiko2k3"


@pytest.mark.parametrize(
    ("body", "algorithm", "sign"),
    [
        ('{"name":"牛小信","id":10001}', "md5", "87c3560d3331ae23f1021e2025722354"),
        ('{"id":10001,"name":"牛小信"}', "md5", "7750759da06333f20d0640be09355e34"),
        ('{"id": 10001, "name": "牛小信"}', "md5", "d0c24a9886c629330d7f3f2056c65bc2"),
        (
            '{"id":10001,"name":"牛小信"}',
            "sha256",
            "d04863619d46121592cdb312ec0a91c148a1f5daea64930ad0e1fb31a04dc808",
        ),
    ],
)
def test_the_published_vectors_are_met(body, algorithm, sign):
    assert signature(PUBLISHED, body.encode(), SECRET, algorithm) == sign


def test_an_empty_body_leaves_its_part_out():
    # computed by hand: md5 of accessKey=…&action=send&bizType=1&ts=…&accessSecret=…
    assert signature(PUBLISHED, b"", SECRET, "md5") == "884afe159e39b6c88a0d6102ca97d704"


def test_a_header_that_is_no_utf_8_is_signed_as_it_was_received():
    received = {**PUBLISHED, "ts": b"\xff".decode("utf-8", "surrogateescape")}

    assert len(signature(received, b"", SECRET, "md5")) == 32
