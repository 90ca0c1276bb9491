"""Programs everybody has, set to find what the core finds: equivalent expressions, no validators."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from app.masking import Kind, RuleSet

_FEW_KEYS = {
    "names": "CustomerName|FirstName|LastName|FullName|CallerName|ContactName|AgentName|DisplayName|Vorname",
    "phones": "ANI|DNIS|OtherDN|Phone|PhoneNumber|Mobile|MSISDN|CallbackNumber|CallerID|Telefon|Rufnummer",
    "logins": "AgentID|UserName|User|Login|EmployeeID|AccountNo|CustomerID|ContractNo|PolicyNo",
    "secrets": "Password|Passwd|Token|Secret|ApiKey|PIN",
}
_KINDS = {
    "names": (Kind.NAME,),
    "phones": (Kind.TEL,),
    "logins": (Kind.USER, Kind.ID, Kind.ADDRESS, Kind.MAIL),
    "secrets": (Kind.SECRET,),
}


_MOST_NAMES = 400


def all_keys(rules: RuleSet) -> dict[str, str]:
    """Names of keys of the rules, for expressions like the rules: as many as a command has room for."""
    return {group: "|".join(islice(_names(rules, kinds), _MOST_NAMES)) for group, kinds in _KINDS.items()}


def _names(rules: RuleSet, kinds: tuple[Kind, ...]) -> Iterator[str]:
    """Those that are not made of words, as ``{person}Name`` is."""
    return (name for rule in rules.keys if rule.kind in kinds for name in rule.names if "{" not in name)


def expressions(keys: dict[str, str]) -> list[tuple[str, str]]:
    """Extended expressions and what replaces a match, with these alternatives for the names of keys."""
    names, phones, logins, secrets = keys["names"], keys["phones"], keys["logins"], keys["secrets"]
    return [
        (rf"(Attribute({phones}|CollectedDigits)[ \t]+')[^']*", r"\1<TEL>"),
        (rf"('({phones})'[ \t]+')[^']*", r"\1<TEL>"),
        (rf"('({names})'[ \t]+')[^']*", r"\1<NAME>"),
        (rf"('({logins})'[ \t]+')[^']*", r"\1<USER>"),
        (rf"('({secrets})'[ \t]+')[^']*", r"\1<SECRET>"),
        (rf'("({phones})"[ ]*:[ ]*")[^"]*', r"\1<TEL>"),
        (rf'("({names})"[ ]*:[ ]*")[^"]*', r"\1<NAME>"),
        (rf'("({logins})"[ ]*:[ ]*")[^"]*', r"\1<USER>"),
        (rf"(({names})=)[^,;& ]+", r"\1<NAME>"),
        (rf"(({phones})=)[^,;& ]+", r"\1<TEL>"),
        (rf"(({secrets})=)[^,;& ]+", r"\1<SECRET>"),
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
    ]


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


def peers(rules: RuleSet) -> tuple[list[Peer], list[str]]:
    """Those found on this machine, and the names of those that are not.

    sed, ripgrep and perl get expressions with all the keys of the rules; sed a second time with fifty.
    """
    places = {
        "sed": shutil.which("sed"),
        "rg": shutil.which("rg", path=str(Path(sys.executable).parent)) or shutil.which("rg"),
        "gzip": shutil.which("gzip"),
        "perl": shutil.which("perl"),
    }
    everything = expressions(all_keys(rules))
    found = [_PEERS[name](place, everything) for name, place in places.items() if place]
    if places["sed"]:
        few = _sed(places["sed"], expressions(_FEW_KEYS))
        found.append(replace(few, name="sed -E, fifty keys only", at_least=0))
    return found, [name for name, place in places.items() if not place]


def measured(command: list[str], *, keep: bool = True, variables: Mapping[str, str] | None = None) -> Usage:
    """Run a command to its end.

    Args:
        command: with its arguments.
        keep: its output, which must be short; else it is written to a file that is removed.
        variables: of its environment, beside those of this process.

    Raises:
        RuntimeError: it failed.
    """
    environment = {**os.environ, "LC_ALL": "C", **(variables or {})}
    with tempfile.TemporaryFile() as sink, tempfile.TemporaryFile() as remarks:
        process = subprocess.Popen(command, stdout=sink, stderr=remarks, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        sink.seek(0)
        written = sink.read() if keep else b""
        remarks.seek(0)
        if process.returncode != 0:
            said = remarks.read().decode(errors="replace")
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {said}")
    return Usage(used.ru_utime + used.ru_stime, written)


_Expressions = list[tuple[str, str]]


def _sed(place: str, found: _Expressions) -> Peer:
    words = [word for find, put in found for word in ("-e", f"s~{find}~{put}~gI")]
    return Peer(f"sed -E, {len(found)} expressions", (place, "-E", *words), 8 * 10**6, 20)


def _rg(place: str, found: _Expressions) -> Peer:
    words = [word for find, _ in found for word in ("-e", find)]
    options = ("--no-config", "--passthru", "-N", "-I", "--text", "--no-unicode", "-i", "-r", "<X>")
    return Peer("rg --passthru -r", (place, *options, *words), 16 * 10**6, 6)


def _gzip(place: str, _found: _Expressions) -> Peer:
    return Peer("gzip -6", (place, "-6", "-c"), 32 * 10**6, 4)


def _perl(place: str, found: _Expressions) -> Peer:
    program = "".join(f"s~{find}~{put}~gi;".replace("@", r"\@") for find, put in found)
    return Peer("perl -p", (place, "-pe", program), 4 * 10**6)


_PEERS: dict[str, Callable[[str, _Expressions], Peer]] = {
    "sed": _sed,
    "rg": _rg,
    "gzip": _gzip,
    "perl": _perl,
}
