"""``doctor``: what the agent needs, checked one by one, each with what to do about it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from agent.audit import AuditDesk
from agent.catalogue import backlog_at, gaps_at, readiness_at
from agent.jobs import masked_at
from agent.keeping import losses_at
from agent.service.config import AgentConfig, read_config
from agent.service.mending import set_aside_in
from agent.service.secrets import agent_tokens, kept_key_ring, pinned_certificate, way_out
from agent.watch import is_share, proven_hints, scan_folder, short_of_watches, slow_share
from app.agentlink import ENDPOINT_NAME, AgentClient, AuditCheckAsk, Verdict, read_endpoint_in
from app.domain.errors import InputError, PeerError, WorldError
from app.domain.exits import OF_THE_AGENT, exit_code
from app.masking import load_rules
from app.secrets import look_into_agent_vault
from app.settings import Trust, session
from app.transfer.network import prove_pin

_LITTLE_ROOM = 1024**3
_NO_ROOM = 100 * 1024**2
_CLOCK_WARN = 60.0
_CLOCK_FAIL = 300.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor.

    Attributes:
        todo: what to do; empty when all is well.
        code: of the error, ``CF-nnnn``; empty when there is none.
        exit_code: of the command, when this is the first failure.
    """

    check: str
    verdict: Verdict
    result: str
    todo: str = ""
    code: str = ""
    exit_code: int = 0


def examine(path: Path) -> list[Finding]:
    """Every check in order; when the configuration is not right, only that."""
    try:
        config = read_config(path)
    except InputError as error:
        return [_failed("configuration", error)]
    findings = [_ok("configuration", f"{len(config.rules)} rules.")]
    findings += [
        Finding("no_proxy", Verdict.WARN, doubt.happened, doubt.todo, code=doubt.code)
        for doubt in config.network.doubts
    ]
    findings += _folders(config)
    findings += _watches(config)
    findings.append(_room(config))
    findings += _guarded("service", lambda: _service(config))
    findings += _guarded("logs", lambda: _logs(config))
    findings += _guarded("masking", lambda: _masking(config))
    findings += _guarded("audit trail", lambda: _trail(config))
    findings += _guarded("portal", lambda: _portal(config))
    return findings


def _folders(config: AgentConfig) -> Iterator[Finding]:
    if not config.rules:
        yield Finding(
            "rules", Verdict.WARN, "There is no rule: only dropped files are sent.", "Add a [[rule]]."
        )
    for folder in dict.fromkeys(folder for rule in config.rules for folder in rule.folders):
        began = time.monotonic()
        scan = scan_folder(folder)
        late = slow_share(folder.name, time.monotonic() - began) if is_share(folder) else ""
        check = f"folder {folder}"
        if not scan.readable:
            yield Finding(
                check,
                Verdict.FAIL,
                scan.problem,
                "Check the path, the mount and the rights of the agent's account.",
                code="CF-1899",
                exit_code=8,
            )
        elif scan.unknown:
            yield Finding(
                check,
                Verdict.WARN,
                f"{len(scan.files)} files; {len(scan.unknown)} entries cannot be read. {scan.problem}",
                "Give the agent's account the right to read them.",
            )
        else:
            yield _ok(check, f"{len(scan.files)} files.")
        if late:
            yield Finding(
                f"scans of {folder}", Verdict.WARN, late, "Name a folder with fewer files in the rule."
            )
        if scan.archives:
            yield Finding(
                f"packed files in {folder}",
                Verdict.WARN,
                f"{scan.archives} archives (.7z, .tar.gz ..., or not named as a segment) are not sent.",
                "Let the rotation pack with gzip or zip; drop other archives unpacked on the case.",
            )


def _watches(config: AgentConfig) -> Iterator[Finding]:
    check = "file events"
    if not config.events:
        yield Finding(check, Verdict.WARN, "events = false: scanning only.", "")
        return
    folders = list(dict.fromkeys(folder for rule in config.rules for folder in rule.folders))
    with tempfile.TemporaryDirectory(prefix="caseferry-doctor-") as place:
        trouble = proven_hints(Path(place)).reason
    short = short_of_watches(folders)
    if trouble:
        yield Finding(check, Verdict.WARN, f"{trouble} Scanning only.", "Logs are found by scanning, later.")
    elif short:
        yield Finding(check, Verdict.WARN, short, "Raise fs.inotify.max_user_watches (sysctl), then restart.")
    else:
        yield _ok(check, "They come, and there are enough watches.")
    for folder in folders:
        if is_share(folder):
            yield Finding(
                f"network share {folder}",
                Verdict.WARN,
                "Changes that other machines make there are found by scanning only.",
                "Better run the agent on the machine that writes the logs.",
            )


def _room(config: AgentConfig) -> Finding:
    folder = config.data
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "disk", Verdict.FAIL, f"{error.strerror}.", "Check agent.data.", code="CF-1896", exit_code=8
        )
    result = f"{free // 1024**2} MiB free for the data folder."
    if free < _NO_ROOM:
        return Finding("disk", Verdict.FAIL, result, "Free some space.", code="CF-1896", exit_code=8)
    if free < _LITTLE_ROOM:
        return Finding("disk", Verdict.WARN, result, "Free some space: bundles wait there.")
    return _ok("disk", result)


def _service(config: AgentConfig) -> Iterator[Finding]:
    """Whether the agent that runs has taken the configuration file; nothing when none runs."""
    if not (config.data / ENDPOINT_NAME).exists():
        return
    client = AgentClient(read_endpoint_in(config.data), timeout=10.0)
    try:
        found = client.status()
    finally:
        client.close()
    taken = found.config
    if taken is not None and taken.problem:
        yield Finding(
            "service",
            Verdict.WARN,
            f"The last change of the file was not taken. {taken.problem}",
            "Correct the file; the agent takes it by itself.",
        )
    elif taken is not None and taken.restart:
        yield Finding(
            "service",
            Verdict.WARN,
            f"Changed, but not in force: {', '.join(taken.restart)}.",
            "Restart the agent: caseferry-agent restart.",
        )
    elif found.draining:
        yield Finding("service", Verdict.WARN, "It is drained: nothing is sent.", "caseferry-agent undrain")
    else:
        yield _ok("service", "It runs, with this configuration.")


def _logs(config: AgentConfig) -> Iterator[Finding]:
    """How well the logs of each application would serve, as far as the agent has read them."""
    for damaged, told in set_aside_in(config.data):
        kept = f"{damaged.name} is kept ({_megabytes(damaged)})."
        what = f"{damaged.name.partition('.damaged-')[0]} was damaged. " if damaged.is_file() else ""
        yield Finding(
            "state",
            Verdict.WARN,
            f"{what}{kept} {told}",
            "Check this disk. When nobody wants to look at it, delete what carries this time in its name.",
            code="CF-1804",
        )
    lost = losses_at(config.data)
    if lost:
        size = sum(loss.last - loss.first for loss in lost)
        yield Finding(
            "lost",
            Verdict.WARN,
            f"{size} bytes of logs were destroyed before they could be kept, "
            f"the last {lost[0].at:%d %b %H:%M} UTC of {lost[0].path}.",
            "caseferry-agent rules tells which. Let logs be renamed rather than emptied in place.",
        )
    for gap in gaps_at(config.data):
        yield Finding(
            "evidence",
            Verdict.WARN,
            f"Of {gap.reason.value} {gap.hold}, {gap.missing} segments are not held. {gap.problem}",
            "Release holds that nobody needs (caseferry-agent holds), or make [logs] evidence larger.",
        )
    backlog = backlog_at(
        config.data, quota=config.logs.evidence_bytes, masked=lambda keys: masked_at(config.data, keys)
    )
    crowded = None if backlog is None else backlog.problem()
    if crowded is not None:
        told = f"{crowded.title}. {crowded.happened}"
        yield Finding("backlog", Verdict.WARN, told, crowded.todo, code=crowded.code)
    found = readiness_at(config.data, now=datetime.now(UTC))
    if not found:
        yield _ok("logs", "None was read yet.")
        return
    for one in found:
        check = f"logs of {one.application} on {one.host}"
        hours = "no present rate" if one.hours is None else f"{one.hours:g} hours at the present rate"
        clock = (
            "its clock not known"
            if one.skew is None
            else f"its clock {one.skew:+,.1f} s from that of its files"
        )
        result = f"{one.segments} segments, {hours}, verbosity {one.verbosity.value}, {clock}."
        if one.warnings:
            yield Finding(check, Verdict.WARN, result, " ".join(one.warnings))
        else:
            yield _ok(check, result)


def _megabytes(path: Path) -> str:
    """What a file or everything in a folder takes; what cannot be looked at counts nothing."""
    size = 0
    for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
        with suppress(OSError):
            size += each.stat().st_size if each.is_file() else 0
    return f"{max(1, round(size / 1e6))} MB"


def _masking(config: AgentConfig) -> Iterator[Finding]:
    rules = load_rules(config.rules_file, profile=config.profile)
    yield _ok("masking rules", f"{rules.name}.")
    for each in rules.doubled:
        yield Finding("masking rules", Verdict.WARN, each.said, "Give one of the two another id.")
    ring = kept_key_ring(config, look_into_agent_vault(config.data))
    made = "It is made at the first start." if ring is None else f"{ring.current.id}."
    yield _ok("pseudonym key", made)


def _trail(config: AgentConfig) -> Iterator[Finding]:
    check = "audit trail"
    found = AuditDesk(config.data, look_into_agent_vault(config.data)).check(AuditCheckAsk())
    if found.breaks:
        first = found.breaks[0]
        yield Finding(
            check,
            Verdict.WARN,
            f"It is broken at {first.file}:{first.line}: {first.what}",
            "Run caseferry-agent audit verify, keep the folder audit as it is, and find out who changed it.",
        )
    else:
        yield _ok(check, f"{found.records} records, unbroken.")


def _portal(config: AgentConfig) -> Iterator[Finding]:
    way = way_out(config)
    trust = Trust(ca_file=config.portal.ca_file, way=way)
    pinned = pinned_certificate(config)
    if pinned:
        parts = urlsplit(config.portal.url)
        prove_pin(parts.hostname or "", parts.port or 443, agreed=pinned, network=way.network)
    with session(trust) as http:
        answer = http.get(f"{config.portal.url}/api/v1/capabilities")
        if answer.status_code != 200:
            raise PeerError(
                "The portal does not answer as it should",
                happened=f"It answered with HTTP status {answer.status_code}.",
                todo="Check portal.url.",
                code="CF-1691",
            )
        yield _ok("portal", "Reachable, and its certificate is trusted.")
        yield _clock(answer.headers.get("Date"))
    agent_tokens(config, look_into_agent_vault(config.data), trust).bearer()
    yield _ok("credential", "The portal accepts this agent.")


def _clock(date: str | None) -> Finding:
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return Finding("clock", Verdict.WARN, "The portal does not tell its time.", "Check it by hand.")
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    result = f"{apart:.0f} s apart from the portal's."
    if apart > _CLOCK_FAIL:
        return Finding(
            "clock", Verdict.FAIL, result, "Set this machine's clock (NTP).", code="CF-1889", exit_code=8
        )
    if apart > _CLOCK_WARN:
        return Finding("clock", Verdict.WARN, result, "Set this machine's clock (NTP).")
    return _ok("clock", result)


def _guarded(check: str, examined: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """What was found until something failed, and the failure."""
    found: list[Finding] = []
    try:
        found.extend(examined())
    except WorldError as error:
        found.append(_failed(check, error))
    except PermissionError:
        found.append(
            Finding(
                check,
                Verdict.FAIL,
                "This account may not look into the data folder.",
                "Use the account that the agent runs as, or an administrator's.",
                code="CF-1896",
                exit_code=8,
            )
        )
    return found


def _ok(check: str, result: str) -> Finding:
    return Finding(check, Verdict.OK, result)


def _failed(check: str, error: WorldError) -> Finding:
    return Finding(
        check,
        Verdict.FAIL,
        f"{error.title}. {error.happened}",
        error.todo,
        code=error.code,
        exit_code=exit_code(error, OF_THE_AGENT),
    )
