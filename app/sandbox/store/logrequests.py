"""Rows of support users, log requests and their answers (R-LOG-1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row

import msgspec

from app.decoding import ready
from app.domain.files import may_send_files
from app.portal.contract import LogAnswer, LogAnswerKind, LogRequest, LogRequestState, LogRequestView
from app.sandbox.store.cases import case_status
from app.sandbox.store.times import moment, stamp
from app.storage import Database


@dataclass(frozen=True, slots=True)
class SupportUser:
    """Someone of the support owner."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as it is kept; `document` is what was signed."""

    id: str
    account: str
    case: str
    document: str
    signature: str
    asked: datetime
    expires: datetime
    withdrawn: bool = False

    def state(self, now: datetime) -> LogRequestState:
        """Whether it is still good."""
        if self.withdrawn:
            return LogRequestState.WITHDRAWN
        return LogRequestState.EXPIRED if now >= self.expires else LogRequestState.OPEN


def insert_support_user(
    connection: Connection, user: SupportUser, *, secret_sha256: str, now: datetime
) -> None:
    """Add a support user."""
    connection.execute(
        "INSERT INTO support_users (id, name, secret_sha256, created) VALUES (?, ?, ?, ?)",
        (user.id, user.name, secret_sha256, stamp(now)),
    )


def support_user_by_secret(database: Database, secret_sha256: str) -> SupportUser | None:
    """Whose secret has this digest, unless it was taken back."""
    row = database.row(
        "SELECT id, name FROM support_users WHERE secret_sha256 = ? AND revoked IS NULL", (secret_sha256,)
    )
    return None if row is None else SupportUser(row["id"], row["name"])


def insert_request(connection: Connection, request: RequestRow) -> None:
    """Add a request."""
    connection.execute(
        "INSERT INTO log_requests (id, account, case_number, document, signature, asked, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            request.id,
            request.account,
            request.case,
            request.document,
            request.signature,
            stamp(request.asked),
            stamp(request.expires),
        ),
    )


def request_row(database: Database, request: str) -> RequestRow | None:
    """One request."""
    row = database.row("SELECT * FROM log_requests WHERE id = ?", (request,))
    return None if row is None else _request(row)


def requests_of_case(database: Database, case: str) -> list[RequestRow]:
    """The requests for a case, the newest first."""
    rows = database.rows("SELECT * FROM log_requests WHERE case_number = ? ORDER BY number DESC", (case,))
    return [_request(row) for row in rows]


def unanswered_requests(database: Database, *, account: str, agent: str, now: datetime) -> list[RequestRow]:
    """Requests for open cases of a combination that are good and that this agent has not answered."""
    rows = database.rows(
        "SELECT log_requests.* FROM log_requests JOIN cases ON cases.number = log_requests.case_number"
        " WHERE log_requests.account = ? AND log_requests.expires > ? AND withdrawn IS NULL"
        " AND cases.status <> 'Closed' AND NOT EXISTS (SELECT 1 FROM log_answers"
        " WHERE log_answers.request = log_requests.id AND log_answers.agent = ?)"
        " ORDER BY log_requests.number LIMIT 100",
        (account, stamp(now), agent),
    )
    return [_request(row) for row in rows]


def withdraw_request(connection: Connection, request: str, *, now: datetime) -> None:
    """Take a request back."""
    connection.execute(
        "UPDATE log_requests SET withdrawn = ? WHERE id = ? AND withdrawn IS NULL", (stamp(now), request)
    )


def answer_kind(database: Database, request: str, *, agent: str) -> LogAnswerKind | None:
    """What this agent has answered so far."""
    row = database.row("SELECT kind FROM log_answers WHERE request = ? AND agent = ?", (request, agent))
    return None if row is None else LogAnswerKind(row["kind"])


def put_answer(connection: Connection, request: str, *, agent: str, answer: LogAnswer) -> None:
    """Keep an agent's answer in place of its last one."""
    connection.execute(
        "INSERT OR REPLACE INTO log_answers (request, agent, kind, reason, files, at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (request, agent, answer.kind.value, answer.reason, json.dumps(answer.files), stamp(answer.at)),
    )


def request_view(database: Database, row: RequestRow, *, now: datetime) -> LogRequestView:
    """A request with its answers."""
    status = case_status(database, row.case)
    rows = database.rows(
        "SELECT log_answers.*, agents.server AS server FROM log_answers"
        " JOIN agents ON agents.id = log_answers.agent WHERE request = ? ORDER BY at, agent",
        (row.id,),
    )
    return LogRequestView(
        request=msgspec.json.decode(row.document, type=ready(LogRequest)),
        state=row.state(now),
        case_open=status is not None and may_send_files(status).allowed,
        answers=[
            LogAnswer(
                server=answer["server"],
                kind=LogAnswerKind(answer["kind"]),
                at=moment(answer["at"]),
                reason=answer["reason"],
                files=json.loads(answer["files"]),
            )
            for answer in rows
        ],
    )


def _request(row: Row) -> RequestRow:
    return RequestRow(
        id=row["id"],
        account=row["account"],
        case=row["case_number"],
        document=row["document"],
        signature=row["signature"],
        asked=moment(row["asked"]),
        expires=moment(row["expires"]),
        withdrawn=row["withdrawn"] is not None,
    )
