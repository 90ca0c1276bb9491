"""Programs everybody has, set to find what the core finds: equivalent expressions, no validators."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_NAMES = (
    "CustomerName|FirstName|LastName|FullName|CallerName|ContactName|AgentName|DisplayName|Vorname|Nachname"
)
_PHONES = "ANI|DNIS|OtherDN|Phone|PhoneNumber|Mobile|MSISDN|CallbackNumber|CallerID|Telefon|Rufnummer"
_LOGINS = "AgentID|UserName|User|Login|EmployeeID|AccountNo|CustomerID|ContractNo|PolicyNo"
_SECRETS = "Password|Passwd|Token|Secret|ApiKey|PIN"

EXPRESSIONS: tuple[tuple[str, str], ...] = (
    (rf"(Attribute({_PHONES}|CollectedDigits)[ \t]+')[^']*", r"\1<TEL>"),
    (rf"('({_PHONES})'[ \t]+')[^']*", r"\1<TEL>"),
    (rf"('({_NAMES})'[ \t]+')[^']*", r"\1<NAME>"),
    (rf"('({_LOGINS})'[ \t]+')[^']*", r"\1<USER>"),
    (rf"('({_SECRETS})'[ \t]+')[^']*", r"\1<SECRET>"),
    (rf'("({_PHONES})"[ ]*:[ ]*")[^"]*', r"\1<TEL>"),
    (rf'("({_NAMES})"[ ]*:[ ]*")[^"]*', r"\1<NAME>"),
    (rf'("({_LOGINS})"[ ]*:[ ]*")[^"]*', r"\1<USER>"),
    (rf"(({_NAMES})=)[^,;& ]+", r"\1<NAME>"),
    (rf"(({_PHONES})=)[^,;& ]+", r"\1<TEL>"),
    (rf"(({_SECRETS})=)[^,;& ]+", r"\1<SECRET>"),
    (r'(v_[A-Za-z]*(Name|Ani|Phone)[^"]*")[^"]*', r"\1<KEYED>"),
    (r"(sips?:)[^@ <>;]+@", r"\1<USER>@"),
    (r"(tel:)[+0-9().-]+", r"\1<TEL>"),
    (r'((From|To|Contact|P-Asserted-Identity|Diversion):[ ]*")[^"]*', r"\1<NAME>"),
    (r"(Signal=)[0-9A-D*#]", r"\1<DTMF>"),
    (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "<MAIL>"),
    (r"([0-9]{1,3}\.){3}[0-9]{1,3}", "<IP>"),
    (r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", "<MAC>"),
    (r"([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}", "<IP>"),
    (r"\+[1-9][0-9]{6,14}", "<TEL>"),
    (r"\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[.-][0-9]{4}", "<TEL>"),
    (r"[2-6][0-9]{3}([ -]?[0-9]{4}){3}", "<CARD>"),
    (r"[A-Z]{2}[0-9]{2}([ ]?[A-Z0-9]{4}){3,7}", "<IBAN>"),
    (r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", "<SECRET>"),
)
"""Extended expressions and what replaces a match; of the keys some fifty, not the several hundred of ours."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that reads a file and writes another.

    Attributes:
        share: of the corpus it is given, in bytes; slow ones get the beginning only.
        at_least: how many times our rate must be its rate; 0 when the issue names none.
    """

    name: str
    command: tuple[str, ...]
    share: int
    at_least: float = 0.0

    def run(self, source: Path) -> float:
        """Run it once; CPU seconds, with what it takes to write a file."""
        return measured([*self.command, str(source)], keep=False).cpu


@dataclass(frozen=True, slots=True)
class Usage:
    """What a whole process took: CPU seconds of user and system; and what it wrote."""

    cpu: float
    written: bytes


def peers() -> tuple[list[Peer], list[str]]:
    """Those found on this machine, and the names of those that are not."""
    places = {
        "sed": shutil.which("sed"),
        "rg": shutil.which("rg", path=str(Path(sys.executable).parent)) or shutil.which("rg"),
        "gzip": shutil.which("gzip"),
        "perl": shutil.which("perl"),
    }
    found = [_PEERS[name](place) for name, place in places.items() if place]
    return found, [name for name, place in places.items() if not place]


def measured(command: list[str], *, keep: bool = True) -> Usage:
    """Run a command to its end.

    Args:
        command: with its arguments.
        keep: its output, which must be short; else it is written to a file that is removed.

    Raises:
        RuntimeError: it failed.
    """
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(command, stdout=sink, env={**os.environ, "LC_ALL": "C"})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        sink.seek(0)
        written = sink.read() if keep else b""
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return Usage(used.ru_utime + used.ru_stime, written)


def _sed(place: str) -> Peer:
    words = [word for find, put in EXPRESSIONS for word in ("-e", f"s~{find}~{put}~g")]
    return Peer(f"sed -E, {len(EXPRESSIONS)} expressions", (place, "-E", *words), 8 * 10**6, 20)


def _rg(place: str) -> Peer:
    words = [word for find, _ in EXPRESSIONS for word in ("-e", find)]
    return Peer(
        "rg --passthru -r",
        (place, "--no-config", "--passthru", "-N", "-I", "--text", "--no-unicode", "-r", "<X>", *words),
        32 * 10**6,
        6,
    )


def _gzip(place: str) -> Peer:
    return Peer("gzip -6", (place, "-6", "-c"), 32 * 10**6, 4)


def _perl(place: str) -> Peer:
    program = "".join(f"s~{find}~{put}~g;".replace("@", r"\@") for find, put in EXPRESSIONS)
    return Peer("perl -p", (place, "-pe", program), 4 * 10**6)


_PEERS = {"sed": _sed, "rg": _rg, "gzip": _gzip, "perl": _perl}
