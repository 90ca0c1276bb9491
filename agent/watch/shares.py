"""Whether a folder lies on a network share: its changes may be made by other machines, without any event."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NETWORK = frozenset(
    (
        *(
            "9p",
            "afs",
            "ceph",
            "cifs",
            "coda",
            "davfs",
            "glusterfs",
            "lustre",
            "ncpfs",
            "nfs",
            "nfs4",
            "smb2",
        ),
        *("smb3", "smbfs", "vboxsf", "virtiofs", "webdav", "fuse.davfs", "fuse.glusterfs", "fuse.rclone"),
        *("fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse"),
    )
)
_MOUNTS = Path("/proc/self/mountinfo")
_DRIVE_REMOTE = 4


if sys.platform == "win32":
    import ctypes

    def _on_network(folder: Path, _mounts: Path) -> bool:
        drive = os.path.splitdrive(folder)[0]
        if drive.startswith("\\\\"):
            return True
        return bool(ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _DRIVE_REMOTE)

else:

    def _on_network(folder: Path, mounts: Path) -> bool:
        try:
            table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:  # not Linux
            return folder.is_relative_to("/Volumes") or folder.is_relative_to("/Network")
        return _types(folder, table) & _NETWORK != frozenset()


def is_share(folder: Path, *, mounts: Path = _MOUNTS) -> bool:
    """Whether this folder, or a part of it, lies on a file system of the network, as far as the system tells.

    Another answer may be right when something was mounted or unmounted since.

    Args:
        folder: it need not be there.
        mounts: Linux' table of mounts.
    """
    return _on_network(folder, mounts)


def _types(folder: Path, table: str) -> frozenset[str]:
    """The types of the innermost mount above a folder, and of all mounts below it."""
    place = Path(os.path.abspath(folder))  # noqa: PTH100 - without asking a server that may not answer
    found, depth = "", -1
    below = set()
    for line in table.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = Path(fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if len(point.parts) >= depth and place.is_relative_to(point):
            found, depth = after.split(" ")[0], len(point.parts)
        elif point.is_relative_to(place):
            below.add(after.split(" ")[0])
    return frozenset((found, *below))
