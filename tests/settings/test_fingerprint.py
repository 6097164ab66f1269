import os

from monitor.settings.fingerprint import fingerprint


def test_the_same_content_has_the_same_fingerprint_whenever_it_was_written(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"1")
    before = fingerprint([path])
    path.write_bytes(b"1")
    os.utime(path, (0, 0))

    assert fingerprint([path]) == before


def test_other_content_has_another_also_where_a_link_is_swung(tmp_path):
    first, second, link = tmp_path / "1", tmp_path / "2", tmp_path / "link"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    link.symlink_to(first)
    before = fingerprint([link])
    link.unlink()
    link.symlink_to(second)

    assert fingerprint([link]) != before


def test_a_file_that_comes_or_goes_changes_it(tmp_path):
    path = tmp_path / "a"
    before = fingerprint([path])
    path.write_bytes(b"")

    assert fingerprint([path]) != before


def test_content_that_moves_between_files_changes_it(tmp_path):
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"ab")
    two.write_bytes(b"c")
    before = fingerprint([one, two])
    one.write_bytes(b"a")
    two.write_bytes(b"bc")

    assert fingerprint([one, two]) != before


def test_what_is_no_file_is_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert fingerprint([pipe]) != fingerprint([tmp_path])
