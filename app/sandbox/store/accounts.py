"""Rows of accounts, contacts, contracts and memberships (R-ACC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row

from app.domain.access import AccessLevel
from app.portal.contract import AccountPair, Contact, Membership
from app.sandbox.store.times import maybe_moment, stamp
from app.storage import Database


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact as it is stored; `password` is a scrypt string, `pin` sealed or None."""

    id: str
    first_name: str
    last_name: str
    email: str
    employer: str
    country: str
    password: str
    pin: bytes | None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class ContractRow:
    """R-ACC-2."""

    id: str
    account: str
    products: str
    support_level: str
    active_from: datetime
    active_to: datetime


_ACCOUNT = """
    accounts.id, accounts.name, accounts.sold_to, accounts.end_user, accounts.direct, accounts.support_level,
    (SELECT max(active_to) FROM contracts WHERE contracts.account = accounts.id) AS ends
"""
# R-ACC-2 and R-ACC-4: an unapproved membership is basic; without an active contract nobody writes.
_LEVEL = """
    CASE WHEN NOT memberships.approved THEN 'basic'
         WHEN memberships.level = 'read-write' AND NOT EXISTS (
             SELECT 1 FROM contracts WHERE contracts.account = memberships.account
             AND contracts.active_from <= :now AND contracts.active_to > :now) THEN 'read-only'
         ELSE memberships.level END AS level
"""


def insert_account(connection: Connection, account: AccountPair) -> None:
    """Add a combination."""
    connection.execute(
        "INSERT INTO accounts (id, name, sold_to, end_user, direct, support_level) VALUES (?, ?, ?, ?, ?, ?)",
        (
            account.id,
            account.name,
            account.sold_to,
            account.end_user,
            account.direct,
            account.support_level,
        ),
    )


def insert_contact(connection: Connection, contact: ContactRow) -> None:
    """Add a contact."""
    connection.execute(
        "INSERT INTO contacts (id, first_name, last_name, email, employer, country, password, pin)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            contact.id,
            contact.first_name,
            contact.last_name,
            contact.email,
            contact.employer,
            contact.country,
            contact.password,
            contact.pin,
        ),
    )


def insert_contract(connection: Connection, contract: ContractRow) -> None:
    """Add a service contract."""
    connection.execute(
        "INSERT INTO contracts (id, account, products, support_level, active_from, active_to)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            contract.id,
            contract.account,
            contract.products,
            contract.support_level,
            stamp(contract.active_from),
            stamp(contract.active_to),
        ),
    )


def insert_membership(
    connection: Connection, *, contact: str, account: str, level: AccessLevel, approved: bool = True
) -> None:
    """Give a contact a level for a combination."""
    connection.execute(
        "INSERT INTO memberships (contact, account, level, approved) VALUES (?, ?, ?, ?)",
        (contact, account, level.value, approved),
    )


def contact_by_id(database: Database, contact: str) -> ContactRow | None:
    """The contact with this id."""
    return _contact(database.row("SELECT * FROM contacts WHERE id = ?", (contact,)))


def contact_by_email(database: Database, email: str) -> ContactRow | None:
    """The contact with this address, whatever its case."""
    return _contact(database.row("SELECT * FROM contacts WHERE email = ?", (email,)))


def memberships_of(database: Database, contact: str, *, now: datetime) -> list[Membership]:
    """All combinations of a contact with the level that holds now, by name."""
    rows = database.rows(
        f"SELECT {_ACCOUNT}, {_LEVEL} FROM memberships JOIN accounts ON accounts.id = memberships.account"  # noqa: S608
        " WHERE memberships.contact = :contact ORDER BY accounts.name, accounts.id",
        {"contact": contact, "now": stamp(now)},
    )
    return [Membership(account=_account(row), level=AccessLevel(row["level"])) for row in rows]


def contacts_of(database: Database, account: str, *, now: datetime) -> list[Contact]:
    """All contacts of a combination, by last name."""
    rows = database.rows(
        f"SELECT contacts.*, {_LEVEL} FROM memberships JOIN contacts ON contacts.id = memberships.contact"  # noqa: S608
        " WHERE memberships.account = :account ORDER BY contacts.last_name, contacts.first_name, contacts.id",
        {"account": account, "now": stamp(now)},
    )
    return [
        Contact(
            id=row["id"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            email=row["email"],
            employer=row["employer"],
            country=row["country"],
            level=AccessLevel(row["level"]),
        )
        for row in rows
    ]


def account_ids(database: Database) -> Sequence[str]:
    """The ids of all combinations."""
    return [row["id"] for row in database.rows("SELECT id FROM accounts ORDER BY id")]


def _contact(row: Row | None) -> ContactRow | None:
    if row is None:
        return None
    return ContactRow(
        id=row["id"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=row["email"],
        employer=row["employer"],
        country=row["country"],
        password=row["password"],
        pin=row["pin"],
    )


def _account(row: Row) -> AccountPair:
    return AccountPair(
        id=row["id"],
        name=row["name"],
        sold_to=row["sold_to"],
        end_user=row["end_user"],
        direct=bool(row["direct"]),
        support_level=row["support_level"],
        contract_ends=maybe_moment(row["ends"]),
    )
