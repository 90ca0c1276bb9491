"""What is not exactly a bundle of zstd frames is refused."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.bundle import Manifest, decode_manifest, encode_manifest, first_member, read_manifest, verify_bundle
from app.bundle.tarlayout import TAR_END, tar_header
from app.bundle.zstdframes import LARGEST_FRAME, read_frame
from app.domain.errors import InputError, IntegrityError
from app.sandbox.uploads import stored_manifest
from tests.peers.sealed import sealed_bundle

DATA = b"04:20:00.000 Trc 04120 <TEL:0123456789abcdef>\n" * 60


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("good")
    return sealed_bundle(folder, size=3000, name="x.tar.zst").path.read_bytes()


@pytest.fixture(scope="module")
def manifest(good: bytes) -> Manifest:
    raw = frames(good)[1]
    return decode_manifest(raw[: raw.rindex(b"}") + 1])


def frames(data: bytes) -> list[bytes]:
    """The contents of all frames."""
    found, file = [], io.BytesIO(data)
    while file.tell() < len(data):
        found.append(read_frame(file, zstandard.ZstdDecompressor())[1])
    return found


def frame(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True, write_content_size=True).compress(content)


def block(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def bundle(manifest: Manifest, *members: tuple[bytes, bytes], end: bytes = TAR_END) -> bytes:
    """A file in a bundle's own layout, whatever headers and data its members have."""
    raw = encode_manifest(manifest)
    out = frame(tar_header("manifest.json", len(raw))) + frame(block(raw))
    for header, data in members:
        out += frame(header) + (frame(block(data)) if data else b"")
    return out + (frame(end) if end else b"")


def honest(manifest: Manifest, data: bytes = DATA) -> Manifest:
    packed = frame(block(data))
    member = replace(
        manifest.members[0],
        name="a.log",
        masked_size=len(data),
        masked_sha256=hashlib.sha256(data).hexdigest(),
        packed_size=len(packed),
        packed_sha256=hashlib.sha256(packed).hexdigest(),
    )
    return replace(manifest, members=[member])


def refused(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "x.tar.zst"
    path.write_bytes(data)
    with pytest.raises(IntegrityError) as caught:
        verify_bundle(path)
    assert caught.value.code == "CF-1711"
    return caught.value.happened


def test_the_bundle_of_these_tests_is_itself_good(manifest: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "x.tar.zst"
    path.write_bytes(bundle(honest(manifest), (tar_header("a.log", len(DATA)), DATA)))
    assert verify_bundle(path).manifest == honest(manifest)


def test_a_bundle_is_known_by_its_first_bytes_not_by_its_name(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "received.bin"
    path.write_bytes(good)
    assert verify_bundle(path).size == len(good)


def test_the_portal_keeps_the_manifest_as_it_was_sealed(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "received"
    path.write_bytes(good)
    manifest = stored_manifest(path)
    assert manifest == first_member(path)
    assert manifest is not None
    assert decode_manifest(manifest) == read_manifest(path)


@pytest.mark.parametrize("length", [3, 4, 20, 300])
def test_the_portal_finds_no_manifest_in_a_cut_file(good: bytes, tmp_path: Path, length: int) -> None:
    path = tmp_path / "received"
    path.write_bytes(good[:length])
    assert stored_manifest(path) is None


@given(data=st.data())
def test_any_changed_byte_is_found(
    good: bytes, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    at = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "changed.tar.zst"
    path.write_bytes(good[:at] + bytes([good[at] ^ other]) + good[at + 1 :])
    with pytest.raises((IntegrityError, InputError)):
        verify_bundle(path)


@given(data=st.data())
def test_any_cut_is_found(good: bytes, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.tar.zst"
    path.write_bytes(good[: data.draw(st.integers(0, len(good) - 1))])
    with pytest.raises(IntegrityError):
        verify_bundle(path)


@pytest.mark.parametrize(
    "junk", [b"\0", frame(b"x" * 512), frame(TAR_END), b"\x50\x2a\x4d\x18\x04\0\0\0skip", b"PK\5\6"]
)
@pytest.mark.parametrize("before", [True, False])
def test_bytes_around_it_are_refused(good: bytes, tmp_path: Path, junk: bytes, before: bool) -> None:
    refused(tmp_path, junk + good if before else good + junk)


def as_kind(kind: bytes, link: str = "") -> Callable[[str], tarfile.TarInfo]:
    def made(name: str) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.mode, info.size = kind, link, 0o600, len(DATA)
        return info

    return made


@pytest.mark.parametrize(
    "made",
    [
        as_kind(tarfile.SYMTYPE, "/etc/passwd"),
        as_kind(tarfile.LNKTYPE, "../a.log"),
        as_kind(tarfile.CHRTYPE),
        as_kind(tarfile.BLKTYPE),
        as_kind(tarfile.FIFOTYPE),
        as_kind(tarfile.DIRTYPE),
        as_kind(tarfile.CONTTYPE),
        as_kind(tarfile.GNUTYPE_SPARSE),
    ],
)
def test_what_is_no_plain_file_is_refused(
    manifest: Manifest, tmp_path: Path, made: Callable[[str], tarfile.TarInfo]
) -> None:
    header = made("a.log").tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
    assert "Member 1" in refused(tmp_path, bundle(honest(manifest), (header, DATA)))


@pytest.mark.parametrize("field", ["uid", "mode", "mtime"])
def test_a_header_with_more_than_a_bundle_says_is_refused(
    manifest: Manifest, tmp_path: Path, field: str
) -> None:
    info = tarfile.TarInfo("a.log")
    info.size, info.mode = len(DATA), 0o600
    setattr(info, field, 1)
    header = info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
    assert "Member 1" in refused(tmp_path, bundle(honest(manifest), (header, DATA)))


@pytest.mark.parametrize(
    "name", ["../x.log", "/etc/x.log", "a/../../x.log", "C:\\x.log", "a\\..\\x", "NUL", "./a", ""]
)
def test_a_name_that_leads_out_is_refused(manifest: Manifest, tmp_path: Path, name: str) -> None:
    told = honest(manifest)
    told = replace(told, members=[replace(told.members[0], name=name)])
    assert "name" in refused(tmp_path, bundle(told, (tar_header(name, len(DATA)), DATA)))


def test_a_name_other_than_the_manifest_says_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    data = bundle(honest(manifest), (tar_header("../a.log", len(DATA)), DATA))
    assert "Member 1" in refused(tmp_path, data)


def test_a_member_that_the_manifest_does_not_know_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    member = tar_header("a.log", len(DATA)), DATA
    more = tar_header("b.log", 1), b"x"
    assert "not those of the manifest" in refused(tmp_path, bundle(honest(manifest), member, more))


@pytest.mark.parametrize("end", [b"", TAR_END])
def test_a_missing_member_is_refused(manifest: Manifest, tmp_path: Path, end: bytes) -> None:
    refused(tmp_path, bundle(honest(manifest), end=end))


def test_a_doubled_member_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    told = honest(manifest)
    member = tar_header("a.log", len(DATA)), DATA
    twice = replace(told, members=told.members * 2)
    assert "same name" in refused(tmp_path, bundle(twice, member, member))


def test_a_manifest_that_is_not_first_is_refused(tmp_path: Path) -> None:
    data = frame(tar_header("a.log", len(DATA))) + frame(block(DATA)) + frame(TAR_END)
    assert "first member" in refused(tmp_path, data)


def test_bytes_in_the_filling_are_refused(manifest: Manifest, tmp_path: Path) -> None:
    told = honest(manifest)
    dirty = frame(block(DATA)[:-1] + b"!")
    digest = hashlib.sha256(dirty).hexdigest()
    member = replace(told.members[0], packed_size=len(dirty), packed_sha256=digest)
    raw = encode_manifest(replace(told, members=[member]))
    data = frame(tar_header("manifest.json", len(raw))) + frame(block(raw))
    data += frame(tar_header("a.log", len(DATA))) + dirty + frame(TAR_END)
    assert "behind its end" in refused(tmp_path, data)


def test_a_member_that_unpacks_to_more_than_it_claims_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    data = bundle(honest(manifest), (tar_header("a.log", len(DATA)), DATA * 50))
    assert "more than it claims" in refused(tmp_path, data)


def test_a_manifest_of_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    assert "claims" in refused(tmp_path, frame(tar_header("manifest.json", 10**9)) + frame(bytes(512)))


@pytest.mark.parametrize(
    "bad",
    [
        zstandard.ZstdCompressor(write_checksum=False).compress(bytes(512)),
        zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compress(bytes(512)),
        frame(bytes(LARGEST_FRAME + 512)),
        frame(b""),
        # magic, single segment with a size of 1 MiB, then run-length blocks that make far more of it
        b"\x28\xb5\x2f\xfd\xa4\x00\x00\x10\x00" + (2 + (131072 << 3)).to_bytes(3, "little") * 3000,
        b"\x28\xb5\x2f\xfd\xa4\x00\x00\x10\x00" + b"\x07\x00\x00",
        b"\x28\xb5\x2f\xfd\xa4\x00\x00\x10\x00" + (1 + (1 << 23)).to_bytes(4, "little")[:3],
    ],
    ids=["no-checksum", "no-size", "too-large", "empty", "bomb", "reserved", "large-block"],
)
def test_a_frame_that_no_bundle_has_is_refused(tmp_path: Path, bad: bytes) -> None:
    refused(tmp_path, bad)


@pytest.mark.parametrize("field", ["masked_size", "packed_size", "masked_sha256", "packed_sha256"])
def test_each_size_and_digest_of_a_member_is_compared(manifest: Manifest, tmp_path: Path, field: str) -> None:
    told = honest(manifest)
    was = getattr(told.members[0], field)
    other = was + 1 if isinstance(was, int) else "0" * 64
    told = replace(told, members=[replace(told.members[0], **{field: other})])
    refused(tmp_path, bundle(told, (tar_header("a.log", len(DATA)), DATA)))


def test_counts_that_do_not_add_up_are_refused(manifest: Manifest, tmp_path: Path) -> None:
    told = replace(honest(manifest), counts={"TEL": 1})
    assert "counts" in refused(tmp_path, bundle(told, (tar_header("a.log", len(DATA)), DATA)))
