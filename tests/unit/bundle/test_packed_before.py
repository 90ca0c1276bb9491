"""Masked copies that were packed when they were written: a bundle takes their pieces, and proves them."""

from __future__ import annotations

import hashlib
import os
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.bundle import (
    BundleFacts,
    Manifest,
    choose_compressor,
    deflate_for,
    format_of_name,
    seal,
    sealing,
    verify_bundle,
)
from app.deflate import Pack, choose_deflate
from app.domain.errors import IntegrityError, LocalError
from app.masking import Engine, MaskedFile, PseudonymKey, load_rules, reference_engine
from app.masking.face import FileReport
from app.masking.pieces import PieceSink
from tests.peers.sealed import masked_file
from tests.peers.unpacking import members_of

FACTS = BundleFacts(case="0003256109", host="", created_by="test")
DICE = random.Random(1)
TEXTS = {
    "a.log": b"".join(
        b"04:20:00.%03d Trc call %x\n" % (n % 1000, DICE.getrandbits(40)) for n in range(60_000)
    ),
    "b/empty.log": b"",
    "c.log": b"04:20:00.000 Std one line\n",
}
"""The first is of several pieces."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return reference_engine(load_rules(), PseudonymKey(b"k" * 32))


def packed_file(path: Path, *, name: str, data: bytes, level: int = 2) -> MaskedFile:
    """As `masked_file`, packed."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as sink, PieceSink(sink, choose_deflate(level)) as pieces:
        pieces.write(data)
        packed = pieces.finish()
    digest = hashlib.sha256(data).hexdigest()
    report = FileReport("utf-8", data.count(b"\n"), len(data), len(data), digest, packed=packed)
    return MaskedFile(path, name, report)


def packed_files(folder: Path, *, level: int = 2) -> list[MaskedFile]:
    folder.mkdir()
    return [
        packed_file(folder / str(number), name=name, data=data, level=level)
        for number, (name, data) in enumerate(TEXTS.items())
    ]


def plain_files(folder: Path) -> list[MaskedFile]:
    folder.mkdir()
    return [
        masked_file(folder / str(number), name=name, data=data)
        for number, (name, data) in enumerate(TEXTS.items())
    ]


@pytest.mark.parametrize(
    ("target", "level", "packed_at"),
    [("x.zip", None, 2), ("x.zip", 6, 6), ("x.zip", 6, 2), ("x.zip", 0, 2), ("x.tar.zst", None, 2)],
    ids=["as it is", "as it is, 6", "another level", "stored", "another format"],
)
def test_the_bundle_is_that_of_plain_copies(
    target: str, level: int | None, packed_at: int, engine: Engine, tmp_path: Path
) -> None:
    made = []
    for name, files in (
        ("plain", plain_files(tmp_path / "1")),
        ("packed", packed_files(tmp_path / "2", level=packed_at)),
    ):
        (tmp_path / name).mkdir()
        made.append(seal(files, engine=engine, facts=FACTS, target=tmp_path / name / target, level=level))
    assert made[0].path.read_bytes() == made[1].path.read_bytes()
    verify_bundle(made[1].path)
    members = members_of(made[1].path.read_bytes())
    assert {name: members[name] for name in TEXTS} == TEXTS


@pytest.mark.parametrize(
    ("bundle", "level", "packed"),
    [("a.zip", None, 2), ("a.zip", 9, 9), ("a.zip", 0, None), ("a.zip", 15, None), ("a.tar.zst", 3, None)],
)
def test_copies_are_packed_for_a_bundle_that_takes_them_as_they_are(
    bundle: str, level: int | None, packed: int | None
) -> None:
    found = deflate_for(bundle, level)
    assert (None if found is None else found.level) == packed
    if found is not None:
        assert found.name == choose_compressor(format_of_name(bundle), level).name


def test_what_is_packed_already_is_not_packed_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[bytes] = []

    class Noted:
        """The same compressor, which notes what it packs."""

        def __init__(self) -> None:
            self._real = choose_compressor(format_of_name("x.zip"))
            self.name, self.piece = self._real.name, self._real.piece

        def open(self) -> Pack:
            pack = self._real.open()

            def noted(piece: bytes, last: bool) -> bytes:
                packed.append(piece)
                return pack(piece, last)

            return noted

    monkeypatch.setattr("app.bundle.sealing.choose_compressor", lambda _form, _level: Noted())
    bundle = seal(packed_files(tmp_path / "files"), engine=engine, facts=FACTS, target=tmp_path / "x.zip")
    assert packed == [members_of(bundle.path.read_bytes())["manifest.json"]]


def flips_a_byte(file: MaskedFile) -> None:
    assert file.report.packed is not None
    data = bytearray(file.path.read_bytes())
    data[file.report.packed.size // 2] ^= 1
    file.path.write_bytes(data)


def is_cut_off(file: MaskedFile) -> None:
    os.truncate(file.path, file.path.stat().st_size // 2)


def is_plain_text(file: MaskedFile) -> None:
    file.path.write_bytes(b"+4930123456 unmasked\n" * 100_000)


def vanishes(file: MaskedFile) -> None:
    file.path.unlink()


@pytest.mark.parametrize("target", ["x.zip", "x.tar.zst"])
@pytest.mark.parametrize(
    ("harm", "error", "code"),
    [
        (flips_a_byte, IntegrityError, "CF-1712"),
        (is_cut_off, IntegrityError, "CF-1712"),
        (is_plain_text, IntegrityError, "CF-1712"),
        (vanishes, LocalError, "CF-1815"),
    ],
)
def test_a_copy_that_is_not_what_masking_wrote_ends_everything(
    harm: Callable[[MaskedFile], None],
    error: type[IntegrityError | LocalError],
    code: str,
    target: str,
    engine: Engine,
    tmp_path: Path,
) -> None:
    files = packed_files(tmp_path / "files")
    harm(files[0])
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(error) as caught:
        seal(files, engine=engine, facts=FACTS, target=out / target)
    assert caught.value.code == code
    assert list(out.iterdir()) == []
    assert [each.name for each in threading.enumerate() if each.name.startswith("bundle-")] == []


def test_a_copy_that_changes_after_it_was_described_ends_everything(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = packed_files(tmp_path / "files")
    encode = sealing.encode_manifest

    def harmed(manifest: Manifest) -> bytes:
        flips_a_byte(files[0])
        return encode(manifest)

    monkeypatch.setattr(sealing, "encode_manifest", harmed)
    with pytest.raises(IntegrityError) as caught:
        seal(files, engine=engine, facts=FACTS, target=tmp_path / "x.zip")
    assert caught.value.code == "CF-1712"
    assert not (tmp_path / "x.zip").exists()
