"""A disk that is full while sealing."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bundle import BundleFacts, seal, verify_bundle
from app.domain.errors import LocalError
from app.masking import load_rules, new_key, reference_engine
from tests.peers.sealed import masked_file

pytestmark = pytest.mark.root


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", ["x.zip", "x.tar.zst"])
@pytest.mark.parametrize("size", [700_000, 3_000_000], ids=["while-writing", "while-spooling"])
def test_a_full_disk_is_said_with_sizes_and_leaves_nothing(
    small_disk: Path, tmp_path: Path, size: int, name: str
) -> None:
    file = masked_file(tmp_path / "m", name="a.log", data=random.Random(1).randbytes(size))
    engine = reference_engine(load_rules(), new_key())
    with pytest.raises(LocalError) as caught:
        seal([file], engine=engine, facts=BundleFacts("1", "", "t"), target=small_disk / name)
    assert caught.value.code == "CF-1814"
    assert "bytes are free" in caught.value.happened
    assert list(small_disk.iterdir()) == []


def test_an_older_bundle_of_the_name_survives_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    engine = reference_engine(load_rules(), new_key())
    target = small_disk / "x.zip"
    facts = BundleFacts("1", "", "t")
    seal([masked_file(tmp_path / "s", name="a.log", data=b"1\n")], engine=engine, facts=facts, target=target)
    large = masked_file(tmp_path / "m", name="a.log", data=bytes(range(256)) * 9000)
    with pytest.raises(LocalError):
        seal([large], engine=engine, facts=facts, target=target, level=0)
    assert verify_bundle(target).manifest.members[0].masked_size == 2
