"""The kernel's list of mounts is read as proc(5) writes it."""

from pathlib import PurePosixPath

import pytest

from monitor.store.mounts import NETWORK_FILE_SYSTEMS, filesystem_of

MOUNTS = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 0:30 / /mnt/share rw,relatime shared:5 - nfs4 server:/share rw,vers=4.2
41 40 0:31 / /mnt/share/local rw - xfs /dev/vdb rw
42 27 0:32 / /mnt/with\\040space rw - cifs //server/share rw
43 27 0:33 / /mnt/covered rw - ext4 /dev/vdc rw
44 43 0:34 / /mnt/covered rw - fuse.sshfs host:/ rw
45 27 0:35 / /host rw - 9p host rw
nonsense
46 27
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/data/x.db", "ext4"),
        ("/mnt/share/x.db", "nfs4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/shared/x.db", "ext4"),
        ("/mnt/share/local/deep/x.db", "xfs"),
        ("/mnt/with space/x.db", "cifs"),
        ("/mnt/covered/x.db", "fuse.sshfs"),
        ("/host/x.db", "9p"),
    ],
)
def test_a_path_is_on_the_deepest_and_latest_mount_above_it(path, expected):
    assert filesystem_of(PurePosixPath(path), MOUNTS) == expected


def test_an_empty_list_tells_nothing():
    assert filesystem_of(PurePosixPath("/data/x.db"), "") == ""


def test_what_is_known_as_a_network_file_system_is_and_disks_are_not():
    assert {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"} <= NETWORK_FILE_SYSTEMS
    assert not {"ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "fuseblk"} & NETWORK_FILE_SYSTEMS
