"""Where the bundle of a job goes: the portal by tus with the agent's credential, or an SFTP account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

import msgspec

from agent.jobs.rows import JobRow
from agent.jobs.rules import Rule
from agent.jobs.stillopen import WhileOpen
from app.agentlink import SftpAccess, Via
from app.decoding import ready
from app.domain.errors import CredentialsError, LocalError, WorldError
from app.portal import TokenSource
from app.secrets import SecretStore
from app.settings import Trust
from app.transfer import Destination, SftpLogin, TusDestination
from app.transfer.failures import cut, from_os_error
from app.transfer.network import DIRECT, Network, Way, dial

JUST = timedelta(seconds=30)
"""How long *open* counts where nobody else refuses what is sent."""
_GREETED_WITHIN = 10.0


class RequireOpen(Protocol):
    """Refuses a case that takes no files, as `agent.jobs.cases.CaseStates.require_open` does."""

    def __call__(self, number: str, *, within: timedelta = JUST) -> None:
        """Ask the portal unless it said *open* within this time."""


@dataclass(frozen=True, slots=True)
class PortalDestinations:
    """Destinations by the job's way, rule and vault.

    Attributes:
        url: of the portal, without a slash at the end.
        rules: by name, for their SFTP accounts.
        require_open: refuses a case that takes no files, or of which that is not known, before a job that no
            person started is sent by SFTP, and again before its bundle gets its name there; by HTTPS the
            portal itself refuses both.
        greet: asks the portal something cheap; raises an error of the world when it does not answer.
    """

    url: str
    trust: Trust
    tokens: TokenSource
    vault: SecretStore
    rules: Mapping[str, Rule]
    require_open: RequireOpen
    greet: Callable[[], object] = lambda: None

    def of(self, job: JobRow) -> Destination:
        """The destination of one job; a fresh object each time.

        Raises:
            CredentialsError: the SFTP account of the job or its rule is not known any more.
            LocalError: its password file cannot be read.
            InputError: its host key is not one.
            RefusedError: its case is closed, or the portal does not know it.
            UnreachableError: the portal cannot be asked whether the case takes files.
        """
        if job.via is Via.SFTP and not job.dropped:
            self.require_open(job.case)
            return WhileOpen(self.place(job), partial(self.require_open, job.case, within=timedelta()))
        return self.place(job)

    def place(self, job: JobRow) -> Destination:
        """The same, whatever has become of the case: to throw something away there.

        Raises:
            CredentialsError: the SFTP account of the job or its rule is not known any more.
            LocalError: its password file cannot be read.
            InputError: its host key is not one.
        """
        if job.via is Via.SFTP:
            from app.transfer import ReadBack, SftpDestination  # loads SSH, which most agents never need

            access = self._access(job)
            return SftpDestination(
                access.host,
                access.port,
                login=SftpLogin(user=access.user, password=access.password),
                host_key=access.host_key,
                # The portal takes a whole file away at once: after a kill right then, nothing of it is seen.
                same_content_once=True,
                read_back=ReadBack.WHOLE if self._reads_whole(job) else ReadBack.SAMPLE,
                network=self._network,
            )
        return TusDestination(
            f"{self.url}/api/v1/uploads",
            ssl_context=self.trust.ssl_context(),
            tokens=self.tokens,
            metadata={"case": job.case, "acknowledgement": job.acknowledgement},
            state_url="state",
            network=self._network,
        )

    def address(self, job: JobRow) -> str:
        """Who has to answer: jobs of the same address wait together while it is away."""
        if job.via is not Via.SFTP:
            return self.url
        rule = None if job.dropped else self.rules.get(job.source)
        try:
            account = self._access(job) if rule is None or rule.sftp is None else rule.sftp
        except WorldError:
            return job.id  # what is wrong is told when it is tried
        return f"{account.host}:{account.port}"

    def ask(self, job: JobRow) -> None:
        """A cheap question whether the job's destination answers at all.

        By SFTP that is the server's first line, before anybody signs in.

        Raises:
            WorldError: it does not, or not as it should.
        """
        if job.via is not Via.SFTP:
            self.greet()
            return
        address = self.address(job)
        host, _, port = address.rpartition(":")
        try:
            with closing(dial(host, int(port), network=self._network, seconds=_GREETED_WITHIN)) as sock:
                sock.settimeout(_GREETED_WITHIN)
                if not sock.recv(1):
                    raise cut(address)
        except OSError as error:
            raise from_os_error(address, error) from error

    def _reads_whole(self, job: JobRow) -> bool:
        rule = None if job.dropped else self.rules.get(job.source)
        return rule is not None and rule.sftp is not None and rule.sftp.read_whole

    @property
    def _network(self) -> Network:
        return self.trust.way.network if isinstance(self.trust.way, Way) else DIRECT

    def forget(self, job: JobRow) -> None:
        """The job has ended: its account, if a person gave one, is not needed any more."""
        if job.dropped:
            self.vault.delete(vault_name(job.id))

    def _access(self, job: JobRow) -> SftpAccess:
        if job.dropped:
            kept = self.vault.get(vault_name(job.id))
            if kept is not None:
                return msgspec.json.decode(kept, type=ready(SftpAccess))
        rule = self.rules.get(job.source)
        if rule is None or rule.sftp is None:
            raise CredentialsError(
                "The SFTP account of this job is not known",
                happened=f"Its rule {job.source} has no account in the configuration any more.",
                todo="Put the rule's account back and retry the job, or cancel it.",
                code="CF-1394",
            )
        sftp = rule.sftp
        try:
            password = sftp.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not a text file"
            raise LocalError(
                "The SFTP password cannot be read",
                happened=f"{sftp.password_file.name}: {why}.",
                todo="Check password_file of the rule and its rights.",
                code="CF-1894",
            ) from error
        return SftpAccess(
            host=sftp.host, port=sftp.port, host_key=sftp.host_key, user=sftp.user, password=password
        )


def vault_name(job: str) -> str:
    """Under which name the vault keeps the account of a dropped job."""
    return f"sftp-of-job-{job}"
