"""Rows of agents, OAuth codes, device codes, tokens and sign-in failures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row

from app.portal.contract import AgentCredential
from app.sandbox.store.times import maybe_moment, moment, stamp
from app.storage import Database


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token: exactly one of `contact` and `agent` is set."""

    id: str
    secret_sha256: str
    kind: str
    family: str
    client: str
    contact: str | None
    agent: str | None
    scope: str
    issued: datetime
    expires: datetime
    used: bool = False
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class CodeRow:
    """An authorization code, good for one exchange."""

    code_sha256: str
    client: str
    contact: str
    redirect: str
    challenge: str
    scope: str
    expires: datetime
    family: str
    used: bool = False


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device flow on its way (RFC 8628)."""

    device_sha256: str
    user_code: str
    client: str
    scope: str
    expires: datetime
    polled: datetime
    contact: str | None = None
    denied: bool = False


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent credential with its secret's digest."""

    credential: AgentCredential
    secret_sha256: str


def redirect_pattern(database: Database, client: str) -> str | None:
    """Where a public client may be sent back to; None when there is no such client."""
    row = database.row("SELECT redirect FROM oauth_clients WHERE id = ?", (client,))
    return None if row is None else str(row["redirect"])


def insert_code(connection: Connection, code: CodeRow) -> None:
    """Keep a code that was just given out."""
    connection.execute(
        "INSERT INTO oauth_codes (code_sha256, client, contact, redirect, challenge, scope, expires, family)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            code.code_sha256,
            code.client,
            code.contact,
            code.redirect,
            code.challenge,
            code.scope,
            stamp(code.expires),
            code.family,
        ),
    )


def code_row(connection: Connection, code_sha256: str) -> CodeRow | None:
    """The code with this digest."""
    row = connection.execute("SELECT * FROM oauth_codes WHERE code_sha256 = ?", (code_sha256,)).fetchone()
    if row is None:
        return None
    return CodeRow(
        code_sha256=row["code_sha256"],
        client=row["client"],
        contact=row["contact"],
        redirect=row["redirect"],
        challenge=row["challenge"],
        scope=row["scope"],
        expires=moment(row["expires"]),
        family=row["family"],
        used=bool(row["used"]),
    )


def spend_code(connection: Connection, code_sha256: str) -> None:
    """The code was exchanged, or was tried wrongly: it is of no use any more."""
    connection.execute("UPDATE oauth_codes SET used = 1 WHERE code_sha256 = ?", (code_sha256,))


def insert_token(connection: Connection, token: TokenRow) -> None:
    """Keep a token that was just given out."""
    connection.execute(
        "INSERT INTO oauth_tokens (id, secret_sha256, kind, family, client, contact, agent, scope, issued,"
        " expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            token.id,
            token.secret_sha256,
            token.kind,
            token.family,
            token.client,
            token.contact,
            token.agent,
            token.scope,
            stamp(token.issued),
            stamp(token.expires),
        ),
    )


def token_row(database: Database, token: str) -> TokenRow | None:
    """The token with this id."""
    row = database.row("SELECT * FROM oauth_tokens WHERE id = ?", (token,))
    if row is None:
        return None
    return TokenRow(
        id=row["id"],
        secret_sha256=row["secret_sha256"],
        kind=row["kind"],
        family=row["family"],
        client=row["client"],
        contact=row["contact"],
        agent=row["agent"],
        scope=row["scope"],
        issued=moment(row["issued"]),
        expires=moment(row["expires"]),
        used=bool(row["used"]),
        revoked=maybe_moment(row["revoked"]),
    )


def spend_token(connection: Connection, token: str) -> None:
    """The refresh token was exchanged; a second use betrays a copy."""
    connection.execute("UPDATE oauth_tokens SET used = 1 WHERE id = ?", (token,))


def revoke_family(connection: Connection, family: str, *, now: datetime) -> None:
    """End everything that came from one sign-in."""
    connection.execute(
        "UPDATE oauth_tokens SET revoked = ? WHERE family = ? AND revoked IS NULL", (stamp(now), family)
    )


def revoke_token(connection: Connection, token: str, *, now: datetime) -> None:
    """End one token."""
    connection.execute(
        "UPDATE oauth_tokens SET revoked = ? WHERE id = ? AND revoked IS NULL", (stamp(now), token)
    )


def forget_expired(connection: Connection, *, now: datetime) -> None:
    """Drop codes, device codes, tokens and failures that nobody can use or ask for any more."""
    at = stamp(now)
    connection.execute("DELETE FROM oauth_codes WHERE expires < ?", (at,))
    connection.execute("DELETE FROM oauth_devices WHERE expires < ?", (at - 86_400_000_000,))
    connection.execute("DELETE FROM oauth_tokens WHERE expires < ?", (at - 86_400_000_000,))
    connection.execute("DELETE FROM sign_in_failures WHERE at < ?", (at - 86_400_000_000,))


def insert_device(connection: Connection, device: DeviceRow) -> None:
    """Keep a device code that was just given out."""
    connection.execute(
        "INSERT INTO oauth_devices (device_sha256, user_code, client, scope, expires, polled)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            device.device_sha256,
            device.user_code,
            device.client,
            device.scope,
            stamp(device.expires),
            stamp(device.polled),
        ),
    )


def device_by_code(connection: Connection, device_sha256: str) -> DeviceRow | None:
    """The device flow of this device code."""
    return _device(
        connection.execute("SELECT * FROM oauth_devices WHERE device_sha256 = ?", (device_sha256,)).fetchone()
    )


def device_by_user_code(connection: Connection, user_code: str) -> DeviceRow | None:
    """The device flow that a person types this code for."""
    return _device(
        connection.execute("SELECT * FROM oauth_devices WHERE user_code = ?", (user_code,)).fetchone()
    )


def decide_device(connection: Connection, device_sha256: str, *, contact: str | None) -> None:
    """A person allowed the device, or refused it (`contact` None)."""
    connection.execute(
        "UPDATE oauth_devices SET contact = ?, denied = ? WHERE device_sha256 = ?",
        (contact, contact is None, device_sha256),
    )


def note_poll(connection: Connection, device_sha256: str, *, now: datetime) -> None:
    """The device asked; the next question must not come sooner than the interval."""
    connection.execute(
        "UPDATE oauth_devices SET polled = ? WHERE device_sha256 = ?", (stamp(now), device_sha256)
    )


def forget_device(connection: Connection, device_sha256: str) -> None:
    """The device code was exchanged."""
    connection.execute("DELETE FROM oauth_devices WHERE device_sha256 = ?", (device_sha256,))


def insert_agent(connection: Connection, agent: AgentRow, *, created_by: str) -> None:
    """Register an agent."""
    credential = agent.credential
    connection.execute(
        "INSERT INTO agents (id, account, server, secret_sha256, created, created_by, last_seen, revoked)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            credential.id,
            credential.account,
            credential.server,
            agent.secret_sha256,
            stamp(credential.created),
            created_by,
            None if credential.last_seen is None else stamp(credential.last_seen),
            None if credential.revoked is None else stamp(credential.revoked),
        ),
    )


def agent_by_id(database: Database, agent: str) -> AgentRow | None:
    """The agent with this id, revoked or not."""
    row = database.row("SELECT * FROM agents WHERE id = ?", (agent,))
    return None if row is None else AgentRow(credential=_agent(row), secret_sha256=row["secret_sha256"])


def agents_of(database: Database, account: str) -> list[AgentCredential]:
    """All agents of a combination, newest first, with the revoked ones."""
    rows = database.rows("SELECT * FROM agents WHERE account = ? ORDER BY created DESC, id", (account,))
    return [_agent(row) for row in rows]


def revoke_agent(connection: Connection, agent: str, *, now: datetime) -> None:
    """End an agent's credential and every token it has."""
    connection.execute("UPDATE agents SET revoked = ? WHERE id = ? AND revoked IS NULL", (stamp(now), agent))
    connection.execute(
        "UPDATE oauth_tokens SET revoked = ? WHERE agent = ? AND revoked IS NULL", (stamp(now), agent)
    )


def note_agent_seen(connection: Connection, agent: str, *, now: datetime) -> None:
    """The agent called."""
    connection.execute("UPDATE agents SET last_seen = ? WHERE id = ?", (stamp(now), agent))


def count_failures(database: Database, subject: str, *, since: datetime) -> int:
    """How often this subject failed to sign in since then."""
    row = database.row(
        "SELECT count(*) AS n FROM sign_in_failures WHERE subject = ? AND at > ?", (subject, stamp(since))
    )
    return int(row["n"]) if row is not None else 0


def insert_failure(connection: Connection, subject: str, *, now: datetime) -> None:
    """Remember a failure."""
    connection.execute("INSERT INTO sign_in_failures (subject, at) VALUES (?, ?)", (subject, stamp(now)))


def forget_failures(connection: Connection, subject: str) -> None:
    """A sign-in succeeded."""
    connection.execute("DELETE FROM sign_in_failures WHERE subject = ?", (subject,))


def _device(row: Row | None) -> DeviceRow | None:
    if row is None:
        return None
    return DeviceRow(
        device_sha256=row["device_sha256"],
        user_code=row["user_code"],
        client=row["client"],
        scope=row["scope"],
        expires=moment(row["expires"]),
        polled=moment(row["polled"]),
        contact=row["contact"],
        denied=bool(row["denied"]),
    )


def _agent(row: Row) -> AgentCredential:
    return AgentCredential(
        id=row["id"],
        account=row["account"],
        server=row["server"],
        created=moment(row["created"]),
        revoked=maybe_moment(row["revoked"]),
        last_seen=maybe_moment(row["last_seen"]),
    )
