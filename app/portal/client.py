"""The portal's client: every call of the contract, blocking, in the project's errors."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from app.domain.errors import InputError
from app.portal.calls import Calls, Query, part, unexpected
from app.portal.contract import (
    Acknowledgement,
    AgentCredential,
    Capabilities,
    Case,
    CaseFile,
    CaseFilter,
    CaseIntake,
    Contact,
    LogRequestView,
    Me,
    Membership,
    NewAgent,
    NewAgentCredential,
    NewComment,
    NewLogAnswer,
    Page,
    SftpAccount,
    SignedLogRequest,
    Update,
    UploadState,
    ViewCounts,
)
from app.portal.downloads import Downloaded, download
from app.portal.events import EventStream
from app.portal.tokens import TokenSource
from app.settings import Trust
from app.transfer import Control, Limiter

T = TypeVar("T")
_NOT_FOUND = "CF-1183"


class PortalClient:
    """Calls to one portal for one signed-in contact or agent. Safe to use from several threads.

    Every call may raise `CredentialsError`, `TrustError`, `UnreachableError`, `PeerError` and
    `RefusedError` (with the rule's number); `InputError` when the portal does not know an id, or does not
    accept a field.
    """

    def __init__(
        self,
        url: str,
        *,
        trust: Trust,
        tokens: TokenSource | None = None,
        read_seconds: float = 60.0,
        answer_seconds: float = 120.0,
    ) -> None:
        """Connect lazily.

        Args:
            url: ``https://…``, without ``/api``.
            trust: which authorities count.
            tokens: whose calls these are; None for the calls that need no sign-in.
            read_seconds: longest time without a byte.
            answer_seconds: longest time for a whole answer.
        """
        self._calls = Calls(
            url, trust=trust, tokens=tokens, read_seconds=read_seconds, answer_seconds=answer_seconds
        )
        self.url = self._calls.root

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def capabilities(self) -> Capabilities:
        """What the portal is able to do; needs no sign-in."""
        return self._calls.get("capabilities", Capabilities, signed_in=False)

    def me(self) -> Me:
        """The signed-in contact with all combinations."""
        return self._calls.get("me", Me)

    def accounts(self) -> list[Membership]:
        """The combinations that the caller may see, with the access level for each (R-ACC-3)."""
        return self._all("accounts", Page[Membership])

    def contacts(self, account: str) -> list[Contact]:
        """The contacts of a combination."""
        return self._all("contacts", Page[Contact], query=[("account", account)])

    def cases(self, wanted: CaseFilter | None = None) -> Page[Case]:
        """One page of a list of cases."""
        return self._calls.get("cases", Page[Case], query=query_of(wanted or CaseFilter()))

    def counts(self, account: str = "") -> ViewCounts:
        """How many cases each view holds."""
        query = [("account", account)] if account else []
        return self._calls.get("cases/counts", ViewCounts, query=query)

    def case(self, number: str) -> Case:
        """One case."""
        return self._calls.get(f"cases/{part(number)}", Case)

    def case_intake(self, number: str) -> CaseIntake:
        """Whether a case takes files at present; an agent may ask it of cases of its own combination."""
        return self._calls.get(f"cases/{part(number)}/intake", CaseIntake)

    def updates(self, number: str, cursor: str = "") -> Page[Update]:
        """One page of a case's feed, newest first."""
        query = [("cursor", cursor)] if cursor else []
        return self._calls.get(f"cases/{part(number)}/updates", Page[Update], query=query)

    def comment(self, number: str, text: str, key: str | None = None) -> Update:
        """Comment a case (R-CASE-9).

        Args:
            number: the case.
            text: 1 to 32 000 characters.
            key: the idempotency key; the same key never makes a second comment. Made anew when None.
        """
        return self._calls.post(
            f"cases/{part(number)}/comments", NewComment(text=text), Update, idempotency_key=key or new_key()
        )

    def files(self, number: str) -> list[CaseFile]:
        """The files of a case (R-FILE-3)."""
        return self._all(f"cases/{part(number)}/files", Page[CaseFile])

    def file(self, number: str, file_id: str) -> CaseFile:
        """One file of a case."""
        return self._calls.get(f"cases/{part(number)}/files/{part(file_id)}", CaseFile)

    def manifest(self, number: str, file_id: str) -> bytes:
        """The manifest of a bundle, byte for byte as it was sent."""
        return self._calls.get_bytes(f"cases/{part(number)}/files/{part(file_id)}/manifest")

    def download(
        self,
        number: str,
        file_id: str,
        target: Path,
        *,
        on_progress: Callable[[int, int], None] | None = None,
        limiter: Limiter | None = None,
        control: Control | None = None,
    ) -> Downloaded:
        """Fetch a file of a case to `target`, by way of ``<target>.part``; a repeat goes on where it ended.

        Args:
            number: the case.
            file_id: the file.
            target: where it goes; a file there is replaced only by a complete, checked one.
            on_progress: called with bytes so far and bytes in all; what it raises ends the download.
            limiter: of bytes per second, for all transfers that are given the same one.
            control: a stop that it asks for breaks off what waits for the portal.

        Raises:
            IntegrityError: the digest differs from the portal's; `target` is untouched.
            LocalError: this disk refused.
        """
        return download(
            self._calls,
            self.file(number, file_id),
            target=target,
            on_progress=on_progress,
            limiter=limiter,
            control=control,
        )

    def acknowledge(self, number: str, key: str | None = None) -> Acknowledgement:
        """Give the word of R-FILE-1 for this case: no personal or regulated data is in what is sent."""
        return self._calls.post(
            f"cases/{part(number)}/acknowledgements", {}, Acknowledgement, idempotency_key=key or new_key()
        )

    def sftp_account(self, number: str) -> SftpAccount | None:
        """The case's temporary SFTP account while it lives (R-FILE-5), or None."""
        try:
            return self._calls.get(f"cases/{part(number)}/sftp-account", SftpAccount)
        except InputError as error:
            if error.code != _NOT_FOUND:
                raise
            self.case(number)  # a case that is unknown is another answer than a case without an account
            return None

    def create_sftp_account(self, number: str, key: str | None = None) -> SftpAccount:
        """Ask for a temporary SFTP account."""
        return self._calls.post(
            f"cases/{part(number)}/sftp-account", {}, SftpAccount, idempotency_key=key or new_key()
        )

    def upload_state(self, upload_id: str) -> UploadState:
        """What the portal can prove of an upload."""
        return self._calls.get(f"uploads/{part(upload_id)}/state", UploadState)

    def agents(self, account: str) -> list[AgentCredential]:
        """The agents that are registered for a combination."""
        return self._all("agents", Page[AgentCredential], query=[("account", account)])

    def register_agent(self, new: NewAgent, key: str | None = None) -> NewAgentCredential:
        """Register an agent; the secret in the answer is shown this once."""
        return self._calls.post("agents", new, NewAgentCredential, idempotency_key=key or new_key())

    def revoke_agent(self, agent_id: str) -> None:
        """Take an agent's credentials back."""
        self._calls.delete(f"agents/{part(agent_id)}")

    def log_requests(self, *, wait: float = 0.0) -> list[SignedLogRequest]:
        """Requests that this agent has not answered; waits for one up to `wait` seconds (0 to 50)."""
        return self._calls.get("log-requests", Page[SignedLogRequest], query=[("wait", f"{wait:g}")]).items

    def log_request(self, request: str) -> LogRequestView:
        """A log request as it stands now, for an agent."""
        return self._calls.get(f"log-requests/{part(request)}", LogRequestView)

    def answer_log_request(self, request: str, answer: NewLogAnswer) -> LogRequestView:
        """What this agent answers; the same answer again changes nothing."""
        return self._calls.post(
            f"log-requests/{part(request)}/answer", answer, LogRequestView, idempotency_key=new_key()
        )

    def log_requests_of_case(self, number: str) -> list[LogRequestView]:
        """What support asked for in a case, with the answers of each server; for people."""
        return self._all(f"cases/{part(number)}/log-requests", Page[LogRequestView])

    def events(
        self, last_id: int | None = None, *, chance: Callable[[], float] = random.random
    ) -> EventStream:
        """Follow changes from behind `last_id` on; reconnects by itself until it is closed.

        Args:
            last_id: id of the last event that was seen; None begins with the next one.
            chance: 0.0 to 1.0, spreads the reconnects of many clients.
        """
        return EventStream(self._calls, last_id=last_id, chance=chance)

    def every_case(self, case_filter: CaseFilter) -> Iterator[Case]:
        """All cases of a filter, page by page."""
        return self.pages("cases", Page[Case], query=query_of(case_filter))

    def every_update(self, number: str) -> Iterator[Update]:
        """The whole feed of a case, newest first, page by page."""
        return self.pages(f"cases/{part(number)}/updates", Page[Update])

    def pages(self, path: str, kind: type[Page[T]], *, query: Query = ()) -> Iterator[T]:
        """The rows of a list, page after page, until the cursor ends."""
        seen: set[str] = set()
        asked = list(query)
        while True:
            page = self._calls.get(path, kind, query=asked)
            yield from page.items
            if page.next_cursor is None:
                return
            if page.next_cursor in seen:
                raise unexpected(f"the list {path} goes round in a circle")
            seen.add(page.next_cursor)
            asked = [*(pair for pair in query if pair[0] != "cursor"), ("cursor", page.next_cursor)]

    def _all(self, path: str, kind: type[Page[T]], *, query: Query = ()) -> list[T]:
        return list(self.pages(path, kind, query=query))


def new_key() -> str:
    """A fresh idempotency key."""
    return secrets.token_hex(16)


def query_of(case_filter: CaseFilter) -> list[tuple[str, str]]:
    """The filter as a query: lists repeat their key, empty members are left out."""
    query: list[tuple[str, str]] = [("view", case_filter.view)]
    for name in ("status", "priority", "component"):
        values: list[StrEnum | str] = getattr(case_filter, name)
        query += [(name, str(value)) for value in values]
    for name in ("account", "words", "sort", "cursor"):
        value = getattr(case_filter, name)
        if value:
            query.append((name, value))
    query.append(("limit", str(case_filter.limit)))
    return query
