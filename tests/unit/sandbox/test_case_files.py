"""Files come into a case once, under ids, and what differs lies aside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.files import FileCheck, Origin
from app.portal.contract import CaseFile
from app.sandbox.changes import changes_since, known_changes
from app.sandbox.files import (
    NewFile,
    add_file,
    case_folder,
    make_case_folder,
    require_open_case,
    set_check,
    stored_path,
)
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site
from app.sandbox.store.cases import case_row
from app.sandbox.store.files import file_row, files_of

CASE = "0003256226"
NEW = NewFile(
    id="up-1",
    case=CASE,
    name="traces.zip",
    size=3,
    sha256="0" * 64,
    origin=Origin.CUSTOMER,
    check=FileCheck.VERIFIED,
    via="https",
    sent_by="sip-a01",
)


def arrived(site: Site, content: bytes = b"abc") -> Path:
    path = make_case_folder(site, CASE, "incoming") / "up-1"
    path.write_bytes(content)
    return path


def put(site: Site, new: NewFile, source: Path) -> CaseFile:
    with site.database.transaction() as connection:
        return add_file(connection, site, new, source=source, now=site.clock())


def test_a_file_is_in_its_case_with_a_feed_entry_and_an_event(demo_site: Site) -> None:
    before = known_changes(demo_site.database).newest
    file = put(demo_site, NEW, arrived(demo_site))
    assert stored_path(demo_site, file).read_bytes() == b"abc"
    assert files_of(demo_site.database, CASE) == [file]
    events = changes_since(demo_site.database, before)
    assert [(event.kind.value, event.subject) for event in events] == [
        ("file-changed", "up-1"),
        ("update-added", "u-up-1"),
        ("case-changed", ""),
    ]


def test_a_file_of_the_customers_own_side_is_not_unread(demo_site: Site) -> None:
    put(demo_site, NEW, arrived(demo_site))
    case = case_row(demo_site.database, CASE, reader="ct-nadia")
    assert case is not None
    assert not case.unread


def test_a_repeated_call_after_a_crash_is_the_same_file(demo_site: Site) -> None:
    first = put(demo_site, NEW, arrived(demo_site))
    assert put(demo_site, replace(NEW, name="other"), Path("gone")) == first


def test_a_crash_between_move_and_commit_is_repaired_by_the_next_call(demo_site: Site) -> None:
    source = arrived(demo_site)

    def crash() -> None:
        with demo_site.database.transaction() as connection:
            add_file(connection, demo_site, NEW, source=source, now=demo_site.clock())
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        crash()
    assert file_row(demo_site.database, "up-1") is None
    file = put(demo_site, NEW, source)
    assert stored_path(demo_site, file).read_bytes() == b"abc"


def test_a_file_without_bytes_is_not_taken(demo_site: Site) -> None:
    with pytest.raises(FileNotFoundError):
        put(demo_site, NEW, demo_site.data / "nothing")
    assert file_row(demo_site.database, "up-1") is None


def test_a_file_that_differs_is_put_aside(demo_site: Site) -> None:
    file = put(demo_site, replace(NEW, check=FileCheck.CHECKING), arrived(demo_site))
    before = stored_path(demo_site, file)
    with demo_site.database.transaction() as connection:
        after = set_check(
            connection,
            demo_site,
            "up-1",
            FileCheck.DIFFERS,
            sha256="1" * 64,
            note="other bytes",
            now=demo_site.clock(),
        )
    assert not before.exists()
    assert stored_path(demo_site, after).parent.name == "aside"
    assert file_row(demo_site.database, "up-1") == after


def test_a_closed_case_takes_no_files(demo_site: Site) -> None:
    with pytest.raises(ProblemError) as refused:
        require_open_case(demo_site, "0003255731")
    assert (refused.value.status, refused.value.rule) == (409, "R-FILE-1")


@pytest.mark.parametrize("number", ["../0003256226", "3256226", "", "000325622６"])
def test_a_number_from_outside_is_no_path(site: Site, number: str) -> None:
    with pytest.raises(ProblemError):
        case_folder(site, number)


@pytest.mark.parametrize("identity", ["../up", "a/b", "", "x" * 65])
def test_an_id_from_outside_is_no_path(demo_site: Site, identity: str) -> None:
    with pytest.raises(ProblemError):
        put(demo_site, replace(NEW, id=identity), arrived(demo_site))
