"""What the store promises: events in order, answers sealed, secrets only with the portal's key."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import Response

from app.domain.errors import LocalError
from app.portal.contract import CaseFilter, CaseView, EventKind
from app.sandbox.api.creation import Created, create_once
from app.sandbox.callers import PERSON_SCOPE, Caller, CallerKind, Scope
from app.sandbox.changes import changes_since, known_changes, publish
from app.sandbox.problems import ProblemError
from app.sandbox.sealing import open_seal
from app.sandbox.sftpaccounts import new_sftp_account, password_of
from app.sandbox.site import Site
from app.sandbox.store.caselist import Reader, cases_page
from app.sandbox.store.times import moment, stamp

CALLER = Caller(kind=CallerKind.PERSON, id="ct-nadia", name="Nadia", scopes=frozenset({Scope(PERSON_SCOPE)}))


def tell(site: Site, count: int, *, keep: int) -> None:
    with site.database.transaction() as connection:
        for _ in range(count):
            publish(
                connection,
                EventKind.CASE_CHANGED,
                account="a",
                case="c",
                now=site.clock(),
                keep=keep,
            )


def test_a_change_that_is_rolled_back_is_not_told(site: Site) -> None:
    def fail() -> None:
        with site.database.transaction() as connection:
            publish(connection, EventKind.CASE_CHANGED, account="a", now=site.clock())
            raise RuntimeError("rolled back")

    with pytest.raises(RuntimeError, match="rolled back"):
        fail()
    assert changes_since(site.database, 0) == []


def test_only_so_many_changes_are_kept_and_the_rest_is_known_to_be_gone(site: Site) -> None:
    tell(site, 1000, keep=100)
    known = known_changes(site.database)
    assert (known.oldest, known.newest) == (901, 1000)


def test_ids_go_on_when_every_change_was_forgotten(site: Site) -> None:
    tell(site, 3, keep=100)
    with site.database.transaction() as connection:
        connection.execute("DELETE FROM events")
    known = known_changes(site.database)
    assert (known.oldest, known.newest) == (4, 3)


def test_an_answer_shown_once_is_not_in_the_store(site: Site) -> None:
    create(site, "a-random-key-1", {"client_secret": "shown-once-4711"})
    stored = b"".join(path.read_bytes() for path in site.data.glob("portal.sqlite3*"))
    assert b"shown-once-4711" not in stored
    assert b"a-random-key-1" not in stored


def test_a_refusal_is_not_kept(site: Site) -> None:
    def refuse() -> Created:
        raise ProblemError(409, "case-closed", "Closed")

    with pytest.raises(ProblemError):
        create_once(site, CALLER, key="a-random-key-2", call=("x", None), effect=lambda _connection: refuse())
    assert create(site, "a-random-key-2", {"made": True}).status_code == 201


def create(site: Site, key: str, value: object) -> Response:
    return create_once(site, CALLER, key=key, call=("x", None), effect=lambda _connection: Created(value))


def test_a_sealed_value_is_bound_to_its_purpose_and_key(tmp_path: Path) -> None:
    seal = open_seal(tmp_path / "one.key")
    closed = seal.close(b"secret", purpose="pin:a")
    assert open_seal(tmp_path / "one.key").open(closed, purpose="pin:a") == b"secret"
    with pytest.raises(LocalError):
        seal.open(closed, purpose="pin:b")
    with pytest.raises(LocalError):
        open_seal(tmp_path / "two.key").open(closed, purpose="pin:a")


def test_a_damaged_key_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "portal.key").write_bytes(b"short")
    with pytest.raises(LocalError, match="CF-1806"):
        open_seal(tmp_path / "portal.key")


def test_an_sftp_account_is_random_and_types_easily(site: Site) -> None:
    accounts = [
        new_sftp_account(site, case="0003256109", created_by="Nadia", created=site.clock()) for _ in range(20)
    ]
    passwords = [password_of(site, account) for account in accounts]
    assert len({account.user for account in accounts}) == len(set(passwords)) == 20
    assert all(password.isascii() and password.isalnum() for password in passwords)


def test_times_come_back_as_they_were(site: Site) -> None:
    assert moment(stamp(site.clock())) == site.clock()


def test_a_list_never_holds_a_case_of_an_account_that_was_not_named(demo_site: Site) -> None:
    reader = Reader(contact="ct-nadia", accounts=["acc-1001"])
    for view in CaseView:
        found, _more, _total = cases_page(
            demo_site.database,
            CaseFilter(view=view, account="acc-2001"),
            reader,
            after=None,
            now=demo_site.clock(),
            closed_days=30,
        )
        assert found == []
