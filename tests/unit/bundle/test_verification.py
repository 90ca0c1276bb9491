"""What is not exactly a bundle is refused."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bundle import Manifest, decode_manifest, encode_manifest, read_manifest, verify_bundle
from app.bundle.ziplayout import Entry, central_header, end_records, local_header
from app.domain.errors import InputError, IntegrityError, LocalError
from tests.peers.sealed import sealed_bundle


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sealed_bundle(tmp_path_factory.mktemp("good"), size=3000).path.read_bytes()


def manifest_of(bundle: bytes) -> Manifest:
    return decode_manifest(zipfile.ZipFile(io.BytesIO(bundle)).read("manifest.json"))


def members_of(bundle: bytes) -> list[tuple[str, bytes]]:
    archive = zipfile.ZipFile(io.BytesIO(bundle))
    return [(name, archive.read(name)) for name in archive.namelist()]


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def packed(members: list[tuple[str, bytes]]) -> bytes:
    """A ZIP in a bundle's own layout, whatever its members are."""
    out, entries = b"", []
    for name, data in members:
        raw = deflated(data)
        entry = Entry(name, zlib.crc32(data), len(raw), len(data), len(out))
        entries.append(entry)
        out += local_header(entry) + raw
    directory = b"".join(map(central_header, entries))
    return out + directory + end_records(count=len(entries), start=len(out), length=len(directory))


def honest(bundle: bytes, change: Callable[[Manifest], Manifest]) -> bytes:
    """The bundle with another manifest."""
    (_, _), *others = members_of(bundle)
    manifest = manifest_of(bundle)
    raw = deflated(others[0][1])
    member = replace(manifest.members[0], packed_size=len(raw), packed_sha256=hashlib.sha256(raw).hexdigest())
    manifest = change(replace(manifest, members=[member]))
    return packed([("manifest.json", encode_manifest(manifest)), *others])


def refused(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(IntegrityError) as caught:
        verify_bundle(path)
    assert caught.value.code == "CF-1711"
    return caught.value.happened


def test_the_repacked_bundle_of_these_tests_is_itself_good(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(honest(good, lambda manifest: manifest))
    assert len(verify_bundle(path).manifest.members) == 1


@settings(deadline=None)
@given(data=st.data())
def test_any_changed_byte_is_found(
    good: bytes, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    at = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "changed.zip"
    path.write_bytes(good[:at] + bytes([good[at] ^ other]) + good[at + 1 :])
    with pytest.raises((IntegrityError, InputError)):
        verify_bundle(path)


@settings(deadline=None)
@given(data=st.data())
def test_any_cut_is_found(good: bytes, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.zip"
    path.write_bytes(good[: data.draw(st.integers(0, len(good) - 1))])
    with pytest.raises(IntegrityError):
        verify_bundle(path)


@pytest.mark.parametrize("junk", [b"\0", b"PK\x05\x06" + b"\0" * 18, b"#!/bin/sh\n"])
@pytest.mark.parametrize("before", [True, False])
def test_bytes_around_it_are_refused(good: bytes, tmp_path: Path, junk: bytes, before: bool) -> None:
    refused(tmp_path, junk + good if before else good + junk)


def test_a_member_that_the_manifest_does_not_know_is_refused(good: bytes, tmp_path: Path) -> None:
    assert "not those of the manifest" in refused(tmp_path, packed([*members_of(good), ("more.log", b"x")]))


def test_a_missing_member_is_refused(good: bytes, tmp_path: Path) -> None:
    assert "not those of the manifest" in refused(tmp_path, packed(members_of(good)[:1]))


def test_a_manifest_that_is_not_first_is_refused(good: bytes, tmp_path: Path) -> None:
    assert "first member" in refused(tmp_path, packed(members_of(good)[::-1]))


def test_a_doubled_member_is_refused(good: bytes, tmp_path: Path) -> None:
    members = members_of(good)
    assert "same name" in refused(tmp_path, packed([*members, members[-1]]))


@pytest.mark.parametrize(
    "name",
    [
        "../x.log",
        "/etc/x.log",
        "a/../../x.log",
        "C:\\x.log",
        "c:/x.log",
        "a\\..\\x",
        "NUL",
        "a//b",
        "./a",
        "",
    ],
)
def test_a_name_that_leads_out_is_refused(good: bytes, tmp_path: Path, name: str) -> None:
    manifest = manifest_of(good)
    (_, _), (_, data) = members_of(good)
    manifest = replace(manifest, members=[replace(manifest.members[0], name=name)])
    assert "name" in refused(tmp_path, packed([("manifest.json", encode_manifest(manifest)), (name, data)]))


def test_data_that_unpack_to_more_than_they_claim_are_refused(good: bytes, tmp_path: Path) -> None:
    (name, manifest), (other, _) = members_of(good)
    first, bomb = deflated(manifest), deflated(bytes(50_000_000))
    entries = [Entry(name, zlib.crc32(manifest), len(first), len(manifest), 0)]
    entries.append(Entry(other, 0, len(bomb), 3000, entries[0].end))
    out = local_header(entries[0]) + first + local_header(entries[1]) + bomb
    directory = b"".join(map(central_header, entries))
    out += directory + end_records(count=2, start=entries[1].end, length=len(directory))
    assert "more than it claims" in refused(tmp_path, out)


def test_a_manifest_of_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    entry = Entry("manifest.json", 0, 100, 10**10, 0)
    directory = central_header(entry)
    tail = end_records(count=1, start=entry.end, length=len(directory))
    assert "claims" in refused(tmp_path, local_header(entry) + bytes(100) + directory + tail)


def test_an_ordinary_zip_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.json", b"{}")
    refused(tmp_path, buffer.getvalue())


@pytest.mark.parametrize("field", ["masked_size", "packed_size", "masked_sha256", "packed_sha256"])
def test_each_size_and_digest_of_a_member_is_compared(good: bytes, tmp_path: Path, field: str) -> None:
    def change(manifest: Manifest) -> Manifest:
        was = getattr(manifest.members[0], field)
        other = was + 1 if isinstance(was, int) else "0" * 64
        return replace(manifest, members=[replace(manifest.members[0], **{field: other})])

    assert "size or digest" in refused(tmp_path, honest(good, change))


def test_counts_that_do_not_add_up_are_refused(good: bytes, tmp_path: Path) -> None:
    assert "counts" in refused(tmp_path, honest(good, lambda manifest: replace(manifest, counts={"TEL": 1})))


def test_a_newer_format_is_said_to_be_newer(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(honest(good, lambda manifest: replace(manifest, format=2)))
    with pytest.raises(InputError) as caught:
        read_manifest(path)
    assert caught.value.code == "CF-1127"


def test_a_bundle_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as caught:
        verify_bundle(tmp_path / "none.zip")
    assert caught.value.code == "CF-1813"
