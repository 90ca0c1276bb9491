"""What a sealed bundle is made of."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from app.bundle import BundleFacts, LeftOut, Sealer, read_manifest, reopen_bundle, seal, verify_bundle
from app.domain.errors import InputError, IntegrityError, LocalError
from app.domain.files import SealedBundle
from app.masking import Engine, PseudonymKey, load_rules, new_key, reference_engine
from app.masking.face import MaskedFile
from tests.peers.sealed import masked_file

FACTS = BundleFacts(case="0003256109", host="<HOST:00112233445566aa>", created_by="caseferry 0.1")
LINES = b"2026-11-24T04:20:00.123 Trc 04120 call from <TEL:0123456789abcdef>\n"


@pytest.fixture(scope="module")
def key() -> PseudonymKey:
    return new_key()


@pytest.fixture(scope="module")
def engine(key: PseudonymKey) -> Engine:
    return reference_engine(load_rules(), key)


@pytest.fixture
def files(tmp_path: Path) -> list[MaskedFile]:
    return [
        masked_file(tmp_path / "b", name="urs/urs_b.log", data=LINES * 300, counts={"TEL": 300, "IP": 1}),
        masked_file(tmp_path / "a", name="sip/sips_a.log", data=LINES * 2, counts={"TEL": 2}),
        masked_file(tmp_path / "empty", name="sip/empty.log", data=b""),
    ]


def sealed(files: list[MaskedFile], engine: Engine, target: Path) -> SealedBundle:
    return seal(files, engine=engine, facts=FACTS, target=target)


def test_the_manifest_is_the_first_member(files: list[MaskedFile], engine: Engine, tmp_path: Path) -> None:
    bundle = sealed(files, engine, tmp_path / "x.zip")
    assert zipfile.ZipFile(bundle.path).namelist()[0] == "manifest.json"


def test_the_standard_reader_finds_every_member_whole(
    files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> None:
    bundle = sealed(files, engine, tmp_path / "x.zip")
    with zipfile.ZipFile(bundle.path) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()[1:]} == {
            file.name: file.path.read_bytes() for file in files
        }


def test_the_digest_and_size_are_those_of_the_file(
    files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> None:
    bundle = sealed(files, engine, tmp_path / "x.zip")
    proven = verify_bundle(bundle.path)
    assert (bundle.sha256, bundle.size, bundle.manifest_sha256) == (
        proven.sha256,
        proven.size,
        proven.manifest_sha256,
    )


def test_the_same_input_gives_the_same_bytes_in_any_order_and_folder(
    files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    one = sealed(files, engine, tmp_path / "x.zip")
    other = sealed(files[::-1], engine, tmp_path / "elsewhere" / "y.zip")
    assert one.path.read_bytes() == other.path.read_bytes()


def test_the_manifest_tells_what_each_member_is(
    files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> None:
    manifest = read_manifest(sealed(files, engine, tmp_path / "x.zip").path)
    member = manifest.members[-1]
    assert member.name == "urs/urs_b.log"
    assert (member.raw_lines, member.masked_size, member.counts) == (
        300,
        300 * len(LINES),
        {"TEL": 300, "IP": 1},
    )
    assert member.first is not None
    assert member.first.isoformat() == "2026-11-24T04:20:00.123000+00:00"


def test_the_manifest_sums_the_counts_and_names_rules_and_key(
    files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> None:
    manifest = read_manifest(sealed(files, engine, tmp_path / "x.zip").path)
    assert manifest.counts == {"IP": 1, "TEL": 302}
    assert (manifest.rule_set, manifest.key_id, manifest.engine) == (
        engine.rule_set,
        engine.key_id,
        engine.name,
    )


def test_the_manifest_holds_no_path_of_the_disk(
    files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> None:
    bundle = sealed(files, engine, tmp_path / "x.zip")
    assert str(tmp_path).encode() not in zipfile.ZipFile(bundle.path).read("manifest.json")


def test_what_was_left_out_stands_in_the_manifest(engine: Engine, tmp_path: Path) -> None:
    left_out = [LeftOut("core.1234", "binary"), LeftOut("a.log", "quarantined", "no rule for utf-7")]
    bundle = seal([], engine=engine, facts=FACTS, left_out=left_out, target=tmp_path / "x.zip")
    assert read_manifest(bundle.path).left_out == sorted(left_out, key=lambda item: item.name)


def test_only_the_owner_may_read_it(files: list[MaskedFile], engine: Engine, tmp_path: Path) -> None:
    bundle = sealed(files, engine, tmp_path / "x.zip")
    assert stat.S_IMODE(bundle.path.stat().st_mode) == 0o600


def test_nothing_else_is_left_in_the_folder(files: list[MaskedFile], engine: Engine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    sealed(files, engine, out / "x.zip")
    assert [path.name for path in out.iterdir()] == ["x.zip"]


def test_what_a_killed_run_left_does_not_disturb(
    files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".x.zip.part").write_bytes(b"half a bundle" * 9999)
    (out / ".x.zip.spool").write_bytes(b"half a spool" * 9999)
    verify_bundle(sealed(files, engine, out / "x.zip").path)
    assert [path.name for path in out.iterdir()] == ["x.zip"]


def test_two_that_make_one_bundle_do_not_mix(files: list[MaskedFile], engine: Engine, tmp_path: Path) -> None:
    with Sealer(tmp_path / "x.zip") as first:
        for file in files:
            first.add(file)
        with pytest.raises(LocalError) as caught:
            sealed(files[:1], engine, tmp_path / "x.zip")
        bundle = first.seal(engine=engine, facts=FACTS)
    assert caught.value.code == "CF-1816"
    assert verify_bundle(bundle.path).sha256 == bundle.sha256
    assert sealed(files[:1], engine, tmp_path / "x.zip").sha256 != bundle.sha256


def test_a_masked_copy_that_changed_is_not_packed(
    files: list[MaskedFile], engine: Engine, tmp_path: Path
) -> None:
    files[0].path.write_bytes(b"+4930123456 unmasked\n")
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(IntegrityError) as caught:
        sealed(files, engine, out / "x.zip")
    assert caught.value.code == "CF-1712"
    assert list(out.iterdir()) == []


def test_a_masked_copy_that_is_gone_is_said(files: list[MaskedFile], engine: Engine, tmp_path: Path) -> None:
    files[1].path.unlink()
    with pytest.raises(LocalError) as caught:
        sealed(files, engine, tmp_path / "x.zip")
    assert caught.value.code == "CF-1815"


def test_a_folder_that_vanished_is_said(files: list[MaskedFile], engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(LocalError) as caught:
        sealed(files, engine, tmp_path / "gone" / "x.zip")
    assert caught.value.code == "CF-1815"


def test_nothing_to_pack_is_said(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        sealed([], engine, tmp_path / "x.zip")
    assert caught.value.code == "CF-1125"


@pytest.mark.parametrize("level", [-1, 10])
def test_a_level_out_of_range_is_refused(
    files: list[MaskedFile], engine: Engine, tmp_path: Path, level: int
) -> None:
    with pytest.raises(InputError):
        seal(files, engine=engine, facts=FACTS, target=tmp_path / "x.zip", level=level)


def test_names_that_fall_together_on_windows_are_told_apart(engine: Engine, tmp_path: Path) -> None:
    files = [
        masked_file(tmp_path / "1", name="a/X.log", data=b"1\n"),
        masked_file(tmp_path / "2", name="a/x.log", data=b"2\n"),
        masked_file(tmp_path / "3", name="a/x?.log", data=b"3\n"),
        masked_file(tmp_path / "4", name="a/x*.log", data=b"4\n"),
    ]
    manifest = read_manifest(sealed(files, engine, tmp_path / "x.zip").path)
    assert [one.name for one in manifest.members] == ["a/X.log", "a/x_.log", "a/x~2.log", "a/x_~2.log"]


def test_a_reopened_bundle_is_the_sealed_one(files: list[MaskedFile], engine: Engine, tmp_path: Path) -> None:
    bundle = sealed(files, engine, tmp_path / "x.zip")
    assert reopen_bundle(bundle.path) == bundle
