"""What becomes of a file that has arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cases import Status
from app.domain.files import FileCheck
from app.sandbox.sftp.companions import digest_in, is_companion, is_temporary
from app.sandbox.uploads.delivery import judge
from app.sandbox.uploads.headers import UploadKind
from app.sandbox.uploads.record import Phase, Upload, is_gone, provable, same_content, state_of

A, B = "a" * 64, "b" * 64
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_equal_digests_verify() -> None:
    assert judge(announced=A, stored=A, status=Status.OPEN).check is FileCheck.VERIFIED


def test_another_digest_differs_and_says_both() -> None:
    found = judge(announced=A, stored=B, status=Status.OPEN)
    assert found.check is FileCheck.DIFFERS
    assert A[:16] in found.note
    assert B[:16] in found.note


@pytest.mark.parametrize("manifest", ["", B])
def test_a_missing_or_other_manifest_differs(manifest: str) -> None:
    found = judge(announced=A, stored=A, status=Status.OPEN, announced_manifest=A, stored_manifest=manifest)
    assert found.check is FileCheck.DIFFERS


def test_without_an_announced_digest_nothing_is_known() -> None:
    assert judge(announced="", stored=A, status=Status.OPEN).check is FileCheck.UNKNOWN


def test_a_closed_case_keeps_even_an_equal_file_aside() -> None:
    found = judge(announced=A, stored=A, status=Status.CLOSED)
    assert (found.check, found.into_case) == (FileCheck.UNKNOWN, False)
    assert "R-FILE-1" in found.note


@given(st.sampled_from([A, B, ""]), st.sampled_from([A, B]), st.sampled_from(list(Status)))
def test_verified_is_said_only_of_equal_digests(announced: str, stored: str, status: Status) -> None:
    if judge(announced=announced, stored=stored, status=status).check is FileCheck.VERIFIED:
        assert announced == stored


@pytest.mark.parametrize(
    "text",
    [
        f"{A}  x.zip\n",
        f"{A} *x.zip\r\n",
        f"{A.upper()}  x.zip",
        f"SHA256 (x.zip) = {A}",
        f"\ufeff{A}\n",
        f"{A}  /tmp/dir/x.zip",
        f"{A}  C:\\dir\\x.zip",
        f"{A}  other-name.zip",
        f"# comment\n{B}  y.zip\n{A}  x.zip\n",
    ],
)
def test_a_companion_announces_its_files_digest(text: str) -> None:
    assert digest_in(text, name="x.zip") == A


@pytest.mark.parametrize("text", ["", "hello", "a" * 63, f"{B}  y.zip\n{A}  z.zip\n", "g" * 64])
def test_a_text_without_the_digest_announces_nothing(text: str) -> None:
    assert digest_in(text, name="x.zip") is None


@given(st.text(max_size=400))
def test_any_companion_text_gives_a_digest_or_nothing(text: str) -> None:
    found = digest_in(text, name="x.zip")
    assert found is None or len(found) == 64


def test_names_of_clients_for_incomplete_files_are_known() -> None:
    assert is_temporary("x.zip.filepart")
    assert is_temporary(".x.zip.1a2b.PART")
    assert not is_temporary("part.zip")
    assert is_companion("x.zip.sha256")
    assert not is_companion(".sha256")


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_the_offset_after_a_kill_never_says_more_than_row_or_file(recorded: int, on_disk: int) -> None:
    assert provable(recorded=recorded, on_disk=on_disk) == min(recorded, on_disk)


def upload(**changes: object) -> Upload:
    values: dict[str, object] = {
        "id": "u1",
        "kind": UploadKind.WHOLE,
        "owner": "person:c1",
        "sent_by": "Nadia",
        "case": "0003256109",
        "name": "x.zip",
        "sha256": A,
        "manifest_sha256": "",
        "key": "",
        "metadata": "",
        "concat": "",
        "length": 10,
        "received": 4,
        "appending": False,
        "resumed": 0,
        "phase": Phase.RECEIVING,
        "verdict": FileCheck.UNKNOWN,
        "stored_sha256": "",
        "note": "",
        "problem": "",
        "created": NOW,
        "expires": NOW + timedelta(days=1),
    }
    return Upload(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("phase", [Phase.CHECKING, Phase.DONE])
def test_what_belongs_to_a_case_does_not_expire(phase: Phase) -> None:
    assert not is_gone(upload(phase=phase), now=NOW + timedelta(days=9))


def test_what_is_incomplete_expires() -> None:
    assert is_gone(upload(), now=NOW + timedelta(days=9))


def test_a_complete_part_that_nobody_joins_expires() -> None:
    assert is_gone(upload(kind=UploadKind.PARTIAL, phase=Phase.DONE), now=NOW + timedelta(days=9))


def test_a_repeated_creation_means_the_same_content_only_with_equal_digest_and_size() -> None:
    assert same_content(upload(), sha256=A, length=10)
    assert same_content(upload(length=None), sha256=A, length=10)
    assert not same_content(upload(), sha256=A, length=11)
    assert not same_content(upload(), sha256=B, length=10)


def test_the_state_names_the_file_only_when_it_is_in_the_case() -> None:
    assert state_of(upload(phase=Phase.DONE, verdict=FileCheck.VERIFIED)).file == "u1"
    assert state_of(upload(phase=Phase.DONE, verdict=FileCheck.UNKNOWN)).file == ""
    assert state_of(upload()).file == ""
