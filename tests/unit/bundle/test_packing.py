"""Both formats: what goes in comes out, the same way each time, in bounded memory, or not at all."""

from __future__ import annotations

import errno
import hashlib
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import logs
from app.bundle import (
    BundleFacts,
    BundleFormat,
    Sealer,
    choose_compressor,
    read_manifest,
    seal,
    verify_bundle,
)
from app.bundle.compressors import Compressor
from app.domain.errors import InputError, IntegrityError, LocalError
from app.domain.files import SealedBundle
from app.masking import Engine, MaskedFile, PseudonymKey, load_rules, reference_engine
from tests.peers.portal import ROOT
from tests.peers.sealed import masked_file
from tests.peers.unpacking import members_of

FORMATS = list(BundleFormat)
PIECE = 1024
FACTS = BundleFacts(case="0003256109", host="", created_by="test")
SIZES = st.sampled_from([0, 1, 511, 512, 513, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 5 * PIECE + 7])
NAMES = st.sampled_from(["a.log", "sip/a.log", "Größe/ü.log", "n" * 200 + "/b.log", "A.LOG"])
CONTENTS = st.tuples(NAMES, SIZES, st.sampled_from([b"x", b"04:20:00.000 Trc 04120\n", bytes(range(256))]))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return reference_engine(load_rules(), PseudonymKey(b"k" * 32))


def small_pieces(form: BundleFormat, level: int | None = None) -> Compressor:
    compressor: Any = choose_compressor(form, level)
    small: Compressor = replace(compressor, piece=PIECE)
    return small


@settings(max_examples=60, deadline=None)
@given(
    contents=st.lists(CONTENTS, min_size=1, max_size=6),
    form=st.sampled_from(FORMATS),
    threads=st.integers(1, 3),
    dice=st.randoms(),
)
def test_what_goes_in_comes_out_and_in_the_same_bytes_each_time(
    contents: list[tuple[str, int, bytes]],
    form: BundleFormat,
    threads: int,
    dice: Any,
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("round")
    files = [
        masked_file(folder / str(number), name=name, data=(unit * size)[:size])
        for number, (name, size, unit) in enumerate(contents)
    ]

    def sealed(name: str, *, most_threads: int) -> SealedBundle:
        with (
            patch("app.bundle.sealing.choose_compressor", small_pieces),
            patch("app.bundle.sealing.cores", lambda: 3),
            Sealer(folder / f"{name}{form.suffix}", most_threads=most_threads) as sealer,
        ):
            for file in files:
                sealer.add(file)
            return sealer.seal(engine=engine, facts=FACTS)

    one = sealed("one", most_threads=1)
    dice.shuffle(files)
    other = sealed("other", most_threads=threads)
    assert one.path.read_bytes() == other.path.read_bytes()
    proven = verify_bundle(one.path)
    assert (proven.sha256, proven.size, proven.manifest_sha256) == (one.sha256, one.size, one.manifest_sha256)
    manifest, *members = members_of(one.path.read_bytes()).items()
    assert manifest[0] == "manifest.json"
    assert sorted(data for _, data in members) == sorted(file.path.read_bytes() for file in files)
    assert [name for name, _ in members] == [member.name for member in proven.manifest.members]


@pytest.mark.parametrize("form", FORMATS)
def test_the_manifest_tells_what_packed(form: BundleFormat, engine: Engine, tmp_path: Path) -> None:
    file = masked_file(tmp_path / "m", name="a.log", data=b"1\n")
    bundle = seal([file], engine=engine, facts=FACTS, target=tmp_path / f"x{form.suffix}", level=1)
    assert read_manifest(bundle.path).packing == choose_compressor(form, 1).name


@pytest.mark.parametrize("form", FORMATS)
def test_files_may_come_while_others_are_packed(form: BundleFormat, engine: Engine, tmp_path: Path) -> None:
    """What makes the next file waits here until the one before is packed."""
    packed = threading.Event()

    def describe(stream: Any, *, file_name: str, **_scan: object) -> logs.SegmentDescription:
        packed.set()
        return logs.describe(stream, file_name=file_name)

    with (
        patch("app.bundle.packing.logs", describe_packed=describe),
        Sealer(tmp_path / f"x{form.suffix}") as sealer,
    ):
        sealer.add(masked_file(tmp_path / "1", name="a.log", data=b"1\n"))
        assert packed.wait(120)
        sealer.add(masked_file(tmp_path / "2", name="b.log", data=b"2\n"))
        bundle = sealer.seal(engine=engine, facts=FACTS)
    assert list(members_of(bundle.path.read_bytes()).values())[1:] == [b"1\n", b"2\n"]


@pytest.fixture(scope="module", params=FORMATS)
def packed(request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A bundle of really compressed members, in several pieces."""
    folder = tmp_path_factory.mktemp("packed")
    dice = random.Random(1)
    lines = [b"04:20:00.%03d Trc call %x\n" % (number % 1000, dice.getrandbits(40)) for number in range(400)]
    files = [masked_file(folder / name, name=name, data=b"".join(lines)) for name in ("a.log", "b.log")]
    with patch("app.bundle.sealing.choose_compressor", small_pieces):
        return seal(
            files, engine=engine, facts=FACTS, target=folder / f"x{request.param.suffix}"
        ).path.read_bytes()


@given(data=st.data())
def test_any_changed_byte_of_packed_data_is_found(
    packed: bytes, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    at = data.draw(st.integers(0, len(packed) - 1))
    other = data.draw(st.binary(min_size=1, max_size=9).filter(lambda new: packed[at : at + len(new)] != new))
    path = tmp_path_factory.getbasetemp() / "harmed"
    path.write_bytes(packed[:at] + other + packed[at + len(other) :])
    with pytest.raises((IntegrityError, InputError)):
        verify_bundle(path)
    assert stages() == []


def vanishes(file: MaskedFile) -> None:
    file.path.unlink()


def grows(file: MaskedFile) -> None:
    with file.path.open("ab") as stream:
        stream.write(b"+4930123456 unmasked\n")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("harm", "error"), [(vanishes, LocalError), (grows, IntegrityError)])
def test_a_masked_copy_that_is_not_what_masking_wrote_ends_everything(
    form: BundleFormat,
    harm: Callable[[MaskedFile], None],
    error: type[Exception],
    engine: Engine,
    tmp_path: Path,
) -> None:
    files = [
        masked_file(tmp_path / str(number), name=f"{number}.log", data=b"line\n" * 50_000)
        for number in range(9)
    ]
    harm(files[5])
    nothing_is_left(form, error, files, engine, tmp_path)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "stage",
    [
        "app.bundle.packing.logs.describe_packed",
        "app.bundle.packing.crc32",
        "app.bundle.packing.hashlib.sha256",
        "app.bundle.packing._pieces",
        "app.bundle.sealing.distinct_names",
        "app.bundle.sealing._blocks",
    ],
)
def test_a_defect_in_any_stage_ends_everything(
    form: BundleFormat, stage: str, engine: Engine, tmp_path: Path
) -> None:
    files = [masked_file(tmp_path / "m", name="a.log", data=b"line\n")]
    with patch(stage, side_effect=ZeroDivisionError):
        nothing_is_left(form, ZeroDivisionError, files, engine, tmp_path)


@pytest.mark.parametrize("form", FORMATS)
def test_a_compressor_that_fails_ends_everything(form: BundleFormat, engine: Engine, tmp_path: Path) -> None:
    class Fails:
        name, piece = "fails", 4096

        def open(self) -> Callable[[bytes, bool], bytes]:
            return lambda piece, last: piece[: 1 // (not last)]

    files = [masked_file(tmp_path / "m", name="a.log", data=b"line\n" * 100_000)]
    with patch("app.bundle.sealing.choose_compressor", lambda form, level: Fails()):
        nothing_is_left(form, ZeroDivisionError, files, engine, tmp_path)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "CF-1814"), (errno.EFBIG, "CF-1817"), (errno.EIO, "CF-1815")]
)
def test_a_spool_that_cannot_be_written_is_said(
    form: BundleFormat, number: int, code: str, engine: Engine, tmp_path: Path
) -> None:
    files = [masked_file(tmp_path / "m", name="a.log", data=b"line\n")]
    with patch("app.bundle.packing.PackingLine._write", side_effect=OSError(number, "no")):
        assert nothing_is_left(form, LocalError, files, engine, tmp_path).code == code


def test_what_was_begun_and_given_up_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with Sealer(out / "x.zip") as sealer:
        sealer.add(masked_file(tmp_path / "m", name="a.log", data=b"line\n" * 100_000))
    assert (list(out.iterdir()), stages()) == ([], [])


def nothing_is_left(
    form: BundleFormat, error: type[Exception], files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> Any:
    """Sealing raises this; then there is neither a file nor a thread."""
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(error) as caught:
        seal(files, engine=engine, facts=FACTS, target=out / f"x{form.suffix}")
    assert (list(out.iterdir()), stages()) == ([], [])
    return caught.value


def stages() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("bundle-")]


MEMORY = """
import resource, sys
from pathlib import Path
from app.bundle import BundleFacts, seal, verify_bundle
from app.masking import PseudonymKey, load_rules, reference_engine
from app.masking.face import FileReport, MaskedFile

copy, target, size, sha256 = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
report = FileReport(encoding="utf-8", lines=1, raw_size=size, masked_size=size, masked_sha256=sha256)
engine = reference_engine(load_rules(), PseudonymKey(b"k" * 32))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seal([MaskedFile(copy, "a.log", report)], engine=engine, facts=BundleFacts("1", "", "t"), target=target)
verify_bundle(target)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


@pytest.mark.parametrize("form", FORMATS)
def test_a_member_of_150_mb_takes_no_more_memory_than_its_pieces(form: BundleFormat, tmp_path: Path) -> None:
    copy, digest = tmp_path / "large", hashlib.sha256()
    dice = random.Random(1)
    with copy.open("wb") as sink:
        for _ in range(150):
            block = dice.randbytes(250_000).hex().encode() * 2
            digest.update(block)
            sink.write(block)
    size = copy.stat().st_size
    command = [
        sys.executable,
        "-c",
        MEMORY,
        copy,
        tmp_path / f"x{form.suffix}",
        str(size),
        digest.hexdigest(),
    ]
    grown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert size == 150_000_000
    assert int(grown) < 90_000_000
