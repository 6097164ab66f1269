"""
Which file system a path is on, read from the kernel's list of mounts.

SQLite's write-ahead log needs memory shared between processes and locks that hold, which a file system over a network
does not give: two writers would damage the file without a word.  So those are known here by name.
Source: proc(5), `/proc/[pid]/mountinfo`.
"""

import re
from pathlib import PurePath

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "fuse.blobfuse2",
        "fuse.ceph",
        "fuse.gcsfuse",
        "fuse.glusterfs",
        "fuse.juicefs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)

_OCTAL = re.compile(r"\\([0-7]{3})")


def filesystem_of(path: PurePath, mountinfo: str) -> str:
    """
    The type of the file system that an absolute, resolved path is on; empty when the list does not tell.

    Args:
        path: The file need not exist.
        mountinfo: The text of `/proc/self/mountinfo`.
    """
    best, depth = "", -1
    for line in mountinfo.splitlines():
        left, separator, right = line.partition(" - ")
        fields = left.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = PurePath(_OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4]))
        # Of two mounts on one point the later one covers the earlier.
        if path.is_relative_to(point) and len(point.parts) >= depth:
            best, depth = right.split(" ", 1)[0], len(point.parts)
    return best
