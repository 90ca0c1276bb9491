"""Two SIPp instances on the loopback that call each other and trace every message."""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.peers.ports import free_port

SCENARIOS = Path(__file__).parent / "sipp"

_FIRST = ("Mechthild", "Jörg", "Anouk", "Siobhán", "Zdeněk", "Amélie", "Ruth", "Tomasz", "Ines", "Håkon")
_LAST = (
    "Oberländer",
    "Castelnuovo",
    "Weatherby",
    "Kowalczyk",
    "Fjeldstad",
    "Quintero",
    "Abernathy",
    "Lindqvist",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A made-up person who calls once."""

    number: str
    name: str
    digit: str


def made_up_callers(*, seed: int, count: int) -> list[Caller]:
    """Distinct callers: E.164 with and without plus, and North American numbers in the reserved range."""
    dice = random.Random(seed)
    callers: dict[str, Caller] = {}
    while len(callers) < count:
        shape = dice.randrange(3)
        if shape == 0:
            number = f"+4930{dice.randrange(10**7, 10**8)}"
        elif shape == 1:
            number = f"{dice.choice((212, 415, 617, 303))}555{dice.randrange(100, 200):04d}"
        else:
            number = f"+33{dice.randrange(1, 6)}{dice.randrange(10**7, 10**8)}"
        name = f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"
        callers.setdefault(number, Caller(number=number, name=name, digit=str(dice.randrange(10))))
    return list(callers.values())


def wait_until_bound(port: int, *, owner: subprocess.Popen[bytes]) -> None:
    """Return when somebody listens on this UDP port of the loopback.

    Raises:
        AssertionError: the owner ended, or a minute went by.
    """
    wanted = f":{port:04X} "
    for _ in range(3000):
        if any(wanted in line for line in Path("/proc/net/udp").read_text(encoding="ascii").splitlines()):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"SIPp ended with {owner.wait(timeout=0.02)} before it listened")
    raise AssertionError("SIPp does not listen")


def trace_calls(
    *, callers: list[Caller], workdir: Path, desk_trace: Path, caller_trace: Path, rate: int = 50
) -> None:
    """Make one call for each caller, `rate` in a second; the two traces are written as SIPp writes them.

    Raises:
        AssertionError: SIPp is missing, or a call failed.
    """
    sipp = shutil.which("sipp")
    assert sipp is not None, "SIPp is missing: install Debian's sip-tester"
    workdir.mkdir(parents=True, exist_ok=True)
    csv = workdir / "callers.csv"
    rows = "".join(f"{c.number};{c.name};{c.digit};\n" for c in callers)
    csv.write_text(f"SEQUENTIAL\n{rows}", encoding="utf-8")
    desk_port, caller_port = (free_port(kind=socket.SOCK_DGRAM) for _ in range(2))
    shared = ["-i", "127.0.0.1", "-m", str(len(callers)), "-trace_msg", "-nostdin"]
    desk = subprocess.Popen(
        [
            sipp,
            "-sf",
            str(SCENARIOS / "desk.xml"),
            "-p",
            str(desk_port),
            "-message_file",
            str(desk_trace),
            *shared,
        ],
        cwd=workdir,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_bound(desk_port, owner=desk)
        caller = [
            sipp,
            "-sf",
            str(SCENARIOS / "caller.xml"),
            f"127.0.0.1:{desk_port}",
            "-p",
            str(caller_port),
        ]
        caller += ["-s", "8005550143", "-r", str(rate), "-inf", str(csv), "-message_file", str(caller_trace)]
        done = subprocess.run(
            [*caller, *shared],
            cwd=workdir,
            capture_output=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, f"SIPp ended with {done.returncode}"
        assert desk.wait(timeout=60) == 0
    finally:
        if desk.poll() is None:
            desk.kill()
            desk.wait()


def call_ids(trace: str) -> list[str]:
    """The Call-IDs of a trace in order, without their host part."""
    return [m.group(1) for m in re.finditer(r"^Call-ID: ([^@\r\n]+)", trace, re.MULTILINE)]
