"""A file that is larger than its disk lets a file become, while a bundle is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.bundle.closedfile import closed_file
from app.domain.errors import LocalError

resource = pytest.importorskip("resource", reason="limits of file sizes are of POSIX")
MIB = 1 << 20


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """This process writes none; the system answers as a file system does that takes no larger ones."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_it_is_no_full_disk_and_nothing_that_passes(tmp_path: Path) -> None:
    target = tmp_path / "logs.zip"
    with (
        pytest.raises(LocalError) as caught,
        no_file_above(MIB),
        closed_file(target, needed=lambda: 2 * MIB) as file,
    ):
        file.write(bytes(2 * MIB))
    assert (caught.value.code, caught.value.retryable) == ("CF-1817", False)
    assert "logs.zip" in caught.value.happened
    assert list(tmp_path.iterdir()) == []
