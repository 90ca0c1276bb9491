"""Putting the demo's people, cases and files into an empty store."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection

from app.domain.cases import CaseState
from app.domain.files import FileCheck, Origin
from app.portal.contract import AccountPair, AgentCredential, CaseFile, UpdateKind
from app.sandbox.callers import digest_of
from app.sandbox.demo.ages import at
from app.sandbox.demo.bundles import pack
from app.sandbox.demo.recipes import (
    AgentRecipe,
    CaseRecipe,
    CasesFile,
    FileRecipe,
    PeopleFile,
    PersonRecipe,
    RowsRecipe,
    UpdateRecipe,
    read_cases,
    read_people,
)
from app.sandbox.files import make_case_folder, stored_path
from app.sandbox.oauth.tokens import random_text
from app.sandbox.passwords import hash_password
from app.sandbox.sftpaccounts import new_sftp_account
from app.sandbox.site import Site
from app.sandbox.store.accounts import (
    ContactRow,
    ContractRow,
    account_ids,
    insert_account,
    insert_contact,
    insert_contract,
    insert_membership,
)
from app.sandbox.store.cases import (
    NewCase,
    NewUpdate,
    forget_seen,
    insert_cases,
    insert_update,
    mark_seen,
)
from app.sandbox.store.credentials import AgentRow, insert_agent
from app.sandbox.store.files import insert_file, insert_manifest, insert_sftp_account
from app.sandbox.support import add_support_user
from app.settings import resource

PEOPLE_FILE = "demo-people.json"
SUPPORT_FILE = "demo-support.json"
_SUPPORT = "Mara Lindqvist"
_PIN_DIGITS = 6


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A line of ``demo-people.json``."""

    email: str
    password: str
    name: str
    level: str
    account: str


def load_demo(site: Site) -> None:
    """Fill an empty store; a store that has accounts stays as it is.

    Passwords are random; they stand in ``demo-people.json`` (0600) in the data folder, and in clear nowhere
    else. So does the credential of a support user, in ``demo-support.json``.

    Raises:
        ValueError: a file of ``resources/demo`` is not right.
        OSError: the data folder cannot be written.
    """
    if account_ids(site.database):
        return
    people = read_people(resource("demo", "people.toml"))
    cases = read_cases(resource("demo", "cases.toml"))
    known = [_known(site, person) for person in people.person]
    names = {person.id: f"{person.first_name} {person.last_name}" for person in people.person}
    with site.database.transaction() as connection:
        _put_people(connection, site, people, {demo.email: demo.password for demo in known})
        _put_cases(connection, site, cases, names)
        token = add_support_user(connection, site, name=_SUPPORT)
        _write_private(site.data / SUPPORT_FILE, [{"name": _SUPPORT, "token": token}])
        _write_private(
            site.data / PEOPLE_FILE,
            [
                {
                    "email": demo.email,
                    "password": demo.password,
                    "name": demo.name,
                    "level": demo.level,
                    "account": demo.account,
                }
                for demo in known
            ],
        )


def _known(site: Site, person: PersonRecipe) -> DemoPerson:
    account, level = next(iter(person.memberships.items()))
    return DemoPerson(
        email=person.email,
        password=random_text(site, 12),
        name=f"{person.first_name} {person.last_name}",
        level=level.value,
        account=account,
    )


def _put_people(connection: Connection, site: Site, people: PeopleFile, passwords: dict[str, str]) -> None:
    now = site.clock()
    for account in people.account:
        insert_account(
            connection,
            AccountPair(
                id=account.id,
                name=account.name,
                sold_to=account.sold_to,
                end_user=account.end_user,
                direct=account.sold_to == account.end_user,
                support_level=account.support_level,
            ),
        )
        for contract in account.contract:
            insert_contract(
                connection,
                ContractRow(
                    id=contract.id,
                    account=account.id,
                    products=contract.products,
                    support_level=account.support_level,
                    active_from=at(now, contract.starts),
                    active_to=at(now, contract.ends),
                ),
            )
    for person in people.person:
        insert_contact(
            connection,
            ContactRow(
                id=person.id,
                first_name=person.first_name,
                last_name=person.last_name,
                email=person.email,
                employer=person.employer,
                country=person.country,
                password=hash_password(passwords[person.email], salt=site.token(16), random=True),
                pin=site.seal.close(_pin(site).encode(), purpose=f"pin:{person.id}"),
            ),
        )
        for account_id, level in person.memberships.items():
            insert_membership(connection, contact=person.id, account=account_id, level=level)
    for agent in people.agent:
        _put_agent(connection, site, agent)


def _put_agent(connection: Connection, site: Site, agent: AgentRecipe) -> None:
    now = site.clock()
    credential = AgentCredential(
        id=agent.id,
        account=agent.account,
        server=agent.server,
        created=at(now, agent.created),
        revoked=at(now, agent.revoked) if agent.revoked else None,
        last_seen=at(now, agent.seen) if agent.seen else None,
    )
    insert_agent(
        connection,
        AgentRow(credential=credential, secret_sha256=digest_of(random_text(site, 32))),
        created_by=agent.created_by,
    )


def _put_cases(connection: Connection, site: Site, cases: CasesFile, names: dict[str, str]) -> None:
    now = site.clock()
    insert_cases(connection, [_case(case, now) for case in cases.case])
    for rows in cases.row:
        insert_cases(connection, _rows(rows, now))
    for case in cases.case:
        for file in case.file:
            _put_file(connection, site, case, file, names)
        for update in _feed(case, now):
            insert_update(connection, _update(case, update, names, now))
        if case.unread:
            forget_seen(connection, case.number)
        else:
            mark_seen(connection, case.number, contact=case.contact)
        if case.sftp:
            created = at(now, case.sftp)
            insert_sftp_account(
                connection,
                new_sftp_account(site, case=case.number, created_by=case.owner, created=created),
            )


def _case(case: CaseRecipe, now: datetime) -> NewCase:
    return NewCase(
        number=case.number,
        account=case.account,
        contact=case.contact,
        type=case.type,
        subject=case.subject,
        state=CaseState(*case.state),
        priority=case.priority,
        stage=case.stage,
        component=case.component,
        version=case.version,
        owner=case.owner,
        opened=at(now, case.opened),
        updated=at(now, case.updated),
        description=case.description,
        waiting_since=_maybe(now, case.waiting),
        closed_at=_maybe(now, case.closed),
        escalated_since=_maybe(now, case.escalated),
        agents_affected=case.agents_affected,
        reference=case.reference,
        ask=case.ask,
    )


def _rows(rows: RowsRecipe, now: datetime) -> list[NewCase]:
    made = []
    for number, subject, status, substatus, priority, component, updated in rows.cases:
        changed = at(now, updated)
        case = CaseRecipe(
            number=number,
            subject=subject,
            contact=rows.contact,
            state=(status, substatus),
            priority=priority,
            component=component,
            opened=f"{(now - changed).days + 1} d",
            updated=updated,
            owner=rows.owner,
            waiting=updated if substatus in _WAITING else "",
        )
        made.append(_case(case, now))
    return made


_WAITING = ("Information Required From Customer", "Replied", "Fixed - Software Provided")


def _feed(case: CaseRecipe, now: datetime) -> list[UpdateRecipe]:
    """The feed oldest first, with an entry for every file that no message carries."""
    carried = {file for update in case.update for file in update.files}
    alone = [
        UpdateRecipe(
            at=file.sent,
            text=f"{file.name} arrived",
            by=file.by,
            support=file.support,
            channel=file.via,
            kind=UpdateKind.FILE,
            files=[file.id],
        )
        for file in case.file
        if file.id not in carried
    ]
    return sorted([*case.update, *alone], key=lambda update: at(now, update.at))


def _update(case: CaseRecipe, update: UpdateRecipe, names: dict[str, str], now: datetime) -> NewUpdate:
    spoken = bool(update.by or update.support)
    moment = at(now, update.at)
    text = update.text.strip("\n")
    return NewUpdate(
        id="u-" + hashlib.sha256(f"{case.number}/{update.at}/{text}".encode()).hexdigest()[:16],
        case=case.number,
        kind=update.kind or (UpdateKind.MESSAGE if spoken else UpdateKind.SYSTEM),
        at=moment,
        author=update.support or names.get(update.by, ""),
        text=text,
        contact=update.by or None,
        from_support=bool(update.support),
        channel=update.channel,
        files=tuple(update.files),
    )


def _put_file(
    connection: Connection, site: Site, case: CaseRecipe, recipe: FileRecipe, names: dict[str, str]
) -> None:
    folder = make_case_folder(site, case.number, "files")
    content = folder / recipe.id
    manifest: bytes | None = None
    if recipe.bundle:
        members = [resource("demo", "files", *name.split("/")) for name in recipe.bundle]
        pack(members, case=case.number, target=content)
        manifest = first_member(content)
    else:
        shutil.copyfile(resource("demo", "files", recipe.source), content)
        if os.name == "posix":
            content.chmod(0o600)
    file = CaseFile(
        id=recipe.id,
        case=case.number,
        name=recipe.name,
        size=content.stat().st_size,
        sha256=hashlib.sha256(content.read_bytes()).hexdigest(),
        origin=Origin.SUPPORT if recipe.support else Origin.CUSTOMER,
        check=FileCheck.VERIFIED,
        via=recipe.via,
        sent=at(site.clock(), recipe.sent),
        sent_by=recipe.support or names[recipe.by],
        has_manifest=manifest is not None,
        resumed=recipe.resumed,
    )
    if stored_path(site, file) != content:
        raise ValueError(f"{recipe.id} does not lie where the portal looks for it")
    insert_file(connection, file)
    if manifest is not None:
        insert_manifest(connection, file.id, manifest)


def first_member(bundle: Path) -> bytes:
    """The bytes of a bundle's manifest."""
    with zipfile.ZipFile(bundle) as archive:
        return archive.read(archive.infolist()[0])


def _maybe(now: datetime, text: str) -> datetime | None:
    return at(now, text) if text else None


def _pin(site: Site) -> str:
    return str(int.from_bytes(site.token(8), "big") % 10**_PIN_DIGITS).zfill(_PIN_DIGITS)


def _write_private(path: Path, people: list[dict[str, str]]) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(people, stream, indent=2)
