"""``caseferry-agent reload | drain | undrain | restart | set | pair | paired | service``."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import cyclopts
import msgspec
from cyclopts import Parameter

from agent.service.answering import AsJson, ConfigFile, calling
from agent.service.tables import listing, screen, screen_for
from app.agentlink import (
    AgentClient,
    ConfigShown,
    DrainShown,
    PairAsk,
    PairedPrograms,
    Role,
)

T = TypeVar("T")
_Groups = Annotated[list[str] | None, Parameter(name="--group", negative=(), show_default=False)]

service_verbs = cyclopts.App(name="service-verbs", help="The agent as a service.")
paired_verbs = cyclopts.App(name="paired", help="Programs on other machines that may call this agent.")
unit_verbs = cyclopts.App(name="service", help="The agent as a service of this system.")
service_verbs.command(paired_verbs)
service_verbs.command(unit_verbs)


@service_verbs.command
def reload(*, config: ConfigFile, json: AsJson = False) -> int:
    """Have the running agent read its configuration file now."""
    return _ask(config, lambda agent: agent.reload(), json=json, show=_show_config)


@service_verbs.command
def drain(*, config: ConfigFile, json: AsJson = False) -> int:
    """Take no new job, and stop what runs at the next point from which it goes on."""
    return _ask(config, lambda agent: agent.drain(), json=json, show=_show_drain)


@service_verbs.command
def undrain(*, config: ConfigFile, json: AsJson = False) -> int:
    """Work again after drain."""
    return _ask(config, lambda agent: agent.undrain(), json=json, show=_show_drain)


@service_verbs.command
def restart(*, config: ConfigFile) -> int:
    """Have the running agent end and begin anew, in the same process."""
    with calling(config) as agent:
        agent.restart()
    _line("The agent begins anew.")
    return 0


@service_verbs.command(name="set")
def set_verb(
    field: str, value: Annotated[str, Parameter(allow_leading_hyphen=True)], /, *, config: ConfigFile
) -> int:
    """Set one field of the configuration file; comments stay, and a running agent takes it by itself.

    Args:
        field: such as transfer.limit or rule[0].case.
        value: as TOML writes it, or a text; empty takes the field out.
        config: the configuration file.
    """
    from agent.service.config import set_field

    set_field(config, field, value)
    _line(f"{config.name}: {field} is set.")
    return 0


@service_verbs.command
def pair(*, role: Role = Role.OPERATOR, config: ConfigFile, json: AsJson = False) -> int:
    """Let one program on another machine in: shows a code for ten minutes, and the certificate's fingerprint.

    Args:
        role: what it may do: viewer, operator or admin.
        config: the configuration file.
        json: answer as one JSON document.
    """
    with calling(config) as agent:
        found = agent.pair(PairAsk(role))
    if json:
        _say(msgspec.to_builtins(found))
        return 0
    fingerprint = bytes.fromhex(found.certificate_sha256).hex(":").upper()
    _line(f"On the other machine: caseferry agents pair HOST:{found.address.rpartition(':')[2]}")
    _line(f"Fingerprint (SHA-256), to be compared there:\n  {fingerprint}")
    _line(f"Code: {found.code}, for the role {found.role}, until {found.expires:%H:%M} UTC, good once.")
    return 0


@paired_verbs.command(name="list")
def paired_list(*, config: ConfigFile, json: AsJson = False) -> int:
    """List the programs on other machines that may call."""
    return _ask(config, lambda agent: agent.paired(), json=json, show=_show_paired)


@paired_verbs.command
def revoke(program: str, /, *, config: ConfigFile, json: AsJson = False) -> int:
    """Let a program in no more.

    Args:
        program: its id, from the list.
        config: the configuration file.
        json: answer as one JSON document.
    """
    return _ask(config, lambda agent: agent.revoke(program), json=json, show=_show_paired)


@unit_verbs.command
def install(
    *, config: ConfigFile, user: str = "", group: _Groups = None, vault_key: Path | None = None
) -> int:
    """Install the agent as a service of this system, and start it now and at every boot.

    Args:
        config: the configuration file.
        user: the account it runs as; caseferry, _caseferry or a virtual account when left out.
        group: a further group of that account, for reading logs (systemd); may be repeated.
        vault_key: a credential with the vault's key (systemd).
    """
    from agent.service.config import read_config
    from agent.service.units import UnitOrder, default_user, installer

    settings = read_config(config)
    order = UnitOrder(
        command=_command(config.resolve()),
        data=Path(os.path.normpath(settings.data)),
        user=user or default_user(),
        groups=tuple(group or ()),
        vault_key=vault_key,
    )
    installer().install(order)
    _line("Installed and started.")
    return 0


@unit_verbs.command
def remove() -> int:
    """Stop the service and take it away; data and configuration stay."""
    from agent.service.units import installer

    units = installer()
    if not units.status().installed:
        _line("There is no such service; nothing was removed.")
        return 0
    units.remove()
    _line("Removed.")
    return 0


@unit_verbs.command(name="status")
def unit_status(*, json: AsJson = False) -> int:
    """Whether the service is installed and runs; 9 when it does not."""
    from agent.service.units import installer

    found = installer().status()
    if json:
        _say(msgspec.to_builtins(found))
    else:
        _line(f"{'Installed' if found.installed else 'Not installed'}: {found.detail}.")
    return 0 if found.running else 9


@unit_verbs.command(show=False)
def host(*, config: ConfigFile) -> int:
    """Be the process that Windows starts for the service."""
    if sys.platform == "win32":
        from agent.service.config import read_config
        from agent.service.process import run_agent
        from agent.service.units.win32 import host as be_hosted

        def run(stop: threading.Event) -> bool:
            settings = read_config(config)  # here, where the system is told what is wrong with it
            return run_agent(settings, stop=stop, reload=threading.Event(), ready=lambda _path: None)

        be_hosted(run)
        return 0
    _line("Only Windows starts services in this way.")
    return 2


def _command(config: Path) -> tuple[str, ...]:
    """How the service is started: by this program when it is one file, else by this Python."""
    verbs = ("service", "host") if sys.platform == "win32" else ("run",)
    program = (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "agent.service")
    return (*program, *verbs, "--config", str(config))


def _ask(config: Path, what: Callable[[AgentClient], T], *, json: bool, show: Callable[[T], None]) -> int:
    with calling(config) as agent:
        found = what(agent)
    if json:
        _say(msgspec.to_builtins(found))
    else:
        show(found)
    return 0


def _show_config(found: ConfigShown) -> None:
    _line(f"The configuration of {found.read:%Y-%m-%d %H:%M:%S} UTC is in force.")
    if found.restart:
        _line(f"After a restart only: {', '.join(found.restart)}.")
    for doubt in found.doubts:
        _line(f"Doubtful: {doubt}")


def _show_drain(found: DrainShown) -> None:
    if not found.draining:
        _line("The agent works.")
    elif found.running:
        _line(f"The agent takes no new job; {found.running} still come to a point from which they go on.")
    else:
        _line("The agent takes no new job, and nothing runs.")


def _show_paired(found: PairedPrograms) -> None:
    where = f"{found.address}, {'open' if found.listening else 'closed'}" if found.address else "nowhere"
    _line(f"Other machines are listened to: {where}. {found.problem}".strip())
    table = listing("Id", "Program on", "Role", "Since")
    for each in found.programs:
        table.add_row(each.id, each.name, each.role.value, f"{each.paired:%Y-%m-%d %H:%M}")
    if found.programs:
        screen_for(table).print(table)


def _line(text: str) -> None:
    screen(soft_wrap=True).print(text)


def _say(document: Any) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()
