"""What a page may use: the portal, the agent, the offline copy, the clock. Calls block: go through `Task`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.agentlink import (
    AlarmShown,
    ConfigShown,
    Confirm,
    Diagnosis,
    Drop,
    Events,
    Health,
    Job,
    Jobs,
    JobsAsk,
    LendAsk,
    Lent,
    LimitsShown,
    Preview,
    PreviewAsk,
    Quarantine,
    Status,
    TransferLimits,
)
from app.portal import CaseCopy, Drafts, EventStream
from app.portal.contract import (
    Acknowledgement,
    AgentCredential,
    Capabilities,
    Case,
    CaseFile,
    CaseFilter,
    Contact,
    Me,
    Membership,
    NewAgent,
    NewAgentCredential,
    Page,
    SftpAccount,
    Update,
    UploadState,
    ViewCounts,
)
from app.transfer import HostKey, Limiter
from app.transfer.network import ShownCertificate


class PortalService(Protocol):
    """What the desktop asks of the portal; `app.portal.PortalClient` is one. Every call may block."""

    def capabilities(self) -> Capabilities: ...  # noqa: D102
    def me(self) -> Me: ...  # noqa: D102
    def accounts(self) -> list[Membership]: ...  # noqa: D102
    def contacts(self, account: str) -> list[Contact]: ...  # noqa: D102
    def cases(self, case_filter: CaseFilter | None = None) -> Page[Case]: ...  # noqa: D102
    def counts(self, account: str = "") -> ViewCounts: ...  # noqa: D102
    def every_case(self, case_filter: CaseFilter) -> Iterator[Case]: ...  # noqa: D102
    def case(self, number: str) -> Case: ...  # noqa: D102
    def updates(self, number: str, cursor: str = "") -> Page[Update]: ...  # noqa: D102
    def comment(self, number: str, text: str, key: str | None = None) -> Update: ...  # noqa: D102
    def files(self, number: str) -> list[CaseFile]: ...  # noqa: D102
    def manifest(self, number: str, file_id: str) -> bytes: ...  # noqa: D102
    def download(  # noqa: D102
        self,
        number: str,
        file_id: str,
        target: Path,
        *,
        on_progress: Callable[[int, int], None] | None = None,
        limiter: Limiter | None = None,
    ) -> object: ...
    def acknowledge(self, number: str, key: str | None = None) -> Acknowledgement: ...  # noqa: D102
    def sftp_account(self, number: str) -> SftpAccount | None: ...  # noqa: D102
    def create_sftp_account(self, number: str, key: str | None = None) -> SftpAccount: ...  # noqa: D102
    def upload_state(self, upload_id: str) -> UploadState: ...  # noqa: D102
    def agents(self, account: str) -> list[AgentCredential]: ...  # noqa: D102
    def register_agent(self, agent: NewAgent, key: str | None = None) -> NewAgentCredential: ...  # noqa: D102
    def revoke_agent(self, agent_id: str) -> None: ...  # noqa: D102
    def events(self, last_id: int | None = None) -> EventStream: ...  # noqa: D102


class AgentService(Protocol):
    """What the desktop asks of an agent; `app.agentlink.AgentClient` is one. Every call may block."""

    def status(self) -> Status: ...  # noqa: D102
    def jobs(self, ask: JobsAsk | None = None) -> Jobs: ...  # noqa: D102
    def job(self, job: str) -> Job: ...  # noqa: D102
    def drop(self, drop: Drop) -> Job: ...  # noqa: D102
    def preview(self, ask: PreviewAsk) -> Preview: ...  # noqa: D102
    def confirm(self, confirm: Confirm) -> Job: ...  # noqa: D102
    def pause(self, job: str) -> Job: ...  # noqa: D102
    def resume(self, job: str) -> Job: ...  # noqa: D102
    def cancel(self, job: str) -> Job: ...  # noqa: D102
    def retry(self, job: str, *, not_there: bool = False) -> Job: ...  # noqa: D102
    def prioritise(self, job: str, priority: int) -> Job: ...  # noqa: D102
    def move(self, job: str, *, before: str = "") -> Job: ...  # noqa: D102
    def limits(self) -> LimitsShown: ...  # noqa: D102
    def set_limits(self, limits: TransferLimits) -> LimitsShown: ...  # noqa: D102
    def reset_limits(self) -> LimitsShown: ...  # noqa: D102
    def lend(self, ask: LendAsk) -> Lent: ...  # noqa: D102
    def quarantine(self) -> Quarantine: ...  # noqa: D102
    def alarm(self, alarm: int) -> AlarmShown: ...  # noqa: D102
    def events(self, since: int, timeout: float = 25.0) -> Events: ...  # noqa: D102


class HostKeyBook(Protocol):
    """Which host key an SFTP server may show. Every call may block."""

    def known(self, host: str, port: int, announced: str) -> HostKey | None:
        """The one key; None when a person must be asked.

        Raises:
            TrustError: the portal announces another key than a person agreed to.
        """

    def look(self, host: str, port: int) -> HostKey:
        """What the server shows, for a person to compare.

        Raises:
            WorldError: it cannot be reached.
        """

    def keep(self, host: str, port: int, key: HostKey) -> None:
        """Keep it, because a person has compared it."""


class FetchingPace(Protocol):
    """How fast the desktop fetches; `ui.shell.download_pace.DownloadPace` is one."""

    @property
    def held(self) -> bool:
        """Whether nothing may be fetched at this moment."""

    def fetch(
        self,
        portal: PortalService,
        number: str,
        file_id: str,
        target: Path,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> object:
        """`PortalService.download`, as fast as the limits allow. It blocks."""

    def take(self, shown: LimitsShown) -> None:
        """What the agent said of its limits; it holds at once."""


HERE = ""
"""The place of the agent of this machine."""


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """An agent that this person may call.

    Attributes:
        place: ``host:port`` of a paired one; `HERE` for that of this machine.
        role: that it gave this person; empty for that of this machine, whose endpoint file decides.
        sha256: of its certificate, lower-case hex.
    """

    place: str
    role: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AgentGlance:
    """What an agent answered; `health` is None from an agent that is too old to tell it."""

    status: Status
    health: Health | None = None


class AgentBook(Protocol):
    """The agents of this person. Every call may block."""

    def all(self) -> list[KnownAgent]:
        """The agent of this machine, when there is one, and the paired ones.

        Raises:
            WorldError: the vault cannot be opened.
        """

    def glance(self, place: str) -> AgentGlance:
        """How an agent is now, and was during the last day.

        Raises:
            WorldError: it does not answer, or does not know this person any more.
        """

    def restart(self, place: str) -> object:
        """Have an agent begin anew.

        Raises:
            WorldError: it does not answer, or this person may not do that.
        """

    def diagnose(self, place: str) -> Diagnosis:
        """Have an agent check all that it needs.

        Raises:
            WorldError: it does not answer, or this person may not do that.
        """

    def watch_folder(self, place: str, *, folder: str, rule: str) -> ConfigShown:
        """Have a rule of the agent of this machine watch one more folder.

        Raises:
            WorldError: it is no such folder, or this person may not do that.
        """

    def look(self, place: str) -> ShownCertificate:
        """The certificate that is shown at ``host:port``, for a person to compare.

        Raises:
            InputError: it is no place.
            UnreachableError: nobody answers there (CF-1592).
        """

    def pair(self, place: str, code: str, *, shown: ShownCertificate) -> KnownAgent:
        """Prove the code to the agent that showed this certificate, and keep the token it gives.

        Raises:
            WorldError: the code is wrong, or another certificate is shown now; see `app.agentlink.pair_with`.
        """

    def forget(self, place: str) -> None:
        """Forget a pairing here; the agent forgets it by ``caseferry-agent paired revoke``."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the shell hands to every page.

    Attributes:
        portal: the signed-in portal.
        agent: the local or paired agent; None when none was found.
        agents: all agents of this person; None where there can be one only.
        agent_place: which of them `agent` is.
        copy: the offline copy of cases; it is asked through `Task` too.
        clock: the time now, aware.
        drafts: texts that were not sent yet, in the same database as the copy.
        host_keys: of SFTP servers; None takes what the portal announces.
        pace: how fast files are fetched; None is without limit.
    """

    portal: PortalService
    agent: AgentService | None
    copy: CaseCopy
    clock: Callable[[], datetime]
    drafts: Drafts
    host_keys: HostKeyBook | None = None
    pace: FetchingPace | None = None
    agents: AgentBook | None = None
    agent_place: str = HERE
