"""A file system whose power can be cut: what was not made durable is gone, as on a real machine."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
from pathlib import Path

_SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN of Linux's ext4."""
_WITHOUT_FLUSH = 2
_SIZE = 96 * 1024 * 1024


class PowerDisk:
    """An ext4 of its own in a file, mounted; ``None`` from `made` where mounting is not allowed."""

    def __init__(self, image: Path, place: Path) -> None:
        self._image = image
        self.place = place

    @classmethod
    def made(cls, folder: Path) -> PowerDisk | None:
        """Make and mount one in this folder."""
        disk = cls(folder / "disk.img", folder / "disk")
        disk.place.mkdir(parents=True)
        with disk._image.open("wb") as stream:
            stream.truncate(_SIZE)
        maker = shutil.which("mkfs.ext4", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        assert maker, "mkfs.ext4 is missing: install e2fsprogs"
        subprocess.run([maker, "-q", "-F", str(disk._image)], check=True)
        return disk if disk._mount() else None

    def cut(self) -> None:
        """Nothing reaches the disk any more, and what only memory knew is lost."""
        descriptor = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _WITHOUT_FLUSH))
        finally:
            os.close(descriptor)

    def restore(self) -> None:
        """The machine is on again: the journal of the file system is played, nothing more."""
        subprocess.run(["umount", str(self.place)], check=True)
        assert self._mount(), "the file system could not be mounted again"

    def away(self) -> None:
        """Unmount for good."""
        subprocess.run(["umount", "-l", str(self.place)], check=True)

    def _mount(self) -> bool:
        command = ["mount", "-o", "loop", str(self._image), str(self.place)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
