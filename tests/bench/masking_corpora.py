"""What the masking bench reads: dense contact-center logs, a real SIP trace, system logs, and bombs."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from app.logs import sniff_encoding
from app.logs.encodings import HEAD
from tests.peers.sipp_calls import made_up_callers, trace_calls

MB = 10**6


def dense_logs(target: Path, *, size: int, seed: int) -> None:
    """Logs of the project's generator, all applications one behind the other, as UTF-8."""
    folder = target.with_suffix(".segments")
    command = [sys.executable, "-m", "app.sandbox.sitelogs", "--out", str(folder), "--seed", str(seed)]
    command += ["--bytes", str(size), "--segment-bytes", str(max(MB, size // 20))]
    command += ["--truth", str(folder.with_suffix(".truth")), "--stays", str(folder.with_suffix(".stays"))]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with target.open("wb") as sink:
        for segment in sorted(p for p in folder.rglob("*") if p.is_file()):
            data = segment.read_bytes()
            encoding = sniff_encoding(data[:HEAD])
            text = data[len(encoding.bom) :]
            sink.write(text.decode(encoding.name).encode() if encoding.wide else text)
            segment.unlink()


def values_per_kilobyte(target: Path) -> float:
    """Personal values in a thousand bytes of a corpus that `dense_logs` wrote."""
    truth = target.with_suffix(".truth")
    with truth.open("rb") as lines:
        return sum(1 for _ in lines) * 1000 / target.stat().st_size


def sip_trace(target: Path, *, calls: int, seed: int) -> None:
    """The message traces of two SIPp processes that call each other."""
    desk, caller = target.with_suffix(".desk"), target.with_suffix(".caller")
    trace_calls(
        callers=made_up_callers(seed=seed, count=calls),
        workdir=target.with_suffix(".work"),
        desk_trace=desk,
        caller_trace=caller,
        rate=300,
    )
    target.write_bytes(desk.read_bytes() + caller.read_bytes())


def system_logs(target: Path, *, size: int, seed: int) -> None:
    """Lines as kernels, systemd, cron, sshd, web servers, Hadoop and Java write them: few personal values."""
    dice = random.Random(seed)
    makers = list(_MAKERS)
    written = 0
    with target.open("wb") as sink:
        while written < size:
            clock = f"{dice.randrange(24):02d}:{dice.randrange(60):02d}:{dice.randrange(60):02d}"
            line = (dice.choice(makers)(dice, clock) + "\n").encode()
            sink.write(line)
            written += len(line)


def _words(dice: random.Random, count: int) -> str:
    return " ".join(dice.choice(_WORDS) for _ in range(count))


def _kernel(dice: random.Random, clock: str) -> str:
    return (
        f"Jun  9 {clock} combo kernel: [{dice.randrange(10**6)}.{dice.randrange(10**6):06d}] "
        f"{dice.choice(_UNITS)}: {_words(dice, 8)} 0x{dice.randrange(2**32):08x}"
    )


def _systemd(dice: random.Random, clock: str) -> str:
    verb = dice.choice(("Started", "Stopped"))
    return f"Jun  9 {clock} combo systemd[1]: {verb} {dice.choice(_UNITS)}.service."


def _sshd(dice: random.Random, clock: str) -> str:
    address = ".".join(str(dice.randrange(1, 250)) for _ in range(4))
    return (
        f"Jun  9 {clock} combo sshd(pam_unix)[{dice.randrange(30000)}]: authentication failure; logname= "
        f"uid=0 euid=0 tty=NODEVssh ruser= rhost={address}"
    )


def _hdfs(dice: random.Random, clock: str) -> str:
    return (
        f"230609 {clock.replace(':', '')} {dice.randrange(300)} INFO dfs.DataNode$PacketResponder: "
        f"PacketResponder {dice.randrange(3)} for block blk_{dice.randrange(10**18)} {_words(dice, 3)} "
        f"of size {dice.randrange(10**8)}"
    )


def _java(dice: random.Random, clock: str) -> str:
    return (
        f"2023-06-09 {clock},{dice.randrange(1000):03d} - INFO  [QuorumPeer[myid={dice.randrange(9)}]:"
        f"Notification@{dice.randrange(900)}] - {_words(dice, 10)} (n), zxid 0x{dice.randrange(2**40):x}"
    )


def _spark(dice: random.Random, clock: str) -> str:
    return (
        f"23/06/09 {clock} INFO storage.MemoryStore: Block broadcast_{dice.randrange(99)}_piece0 stored as "
        f"bytes in memory (estimated size {dice.randrange(900)}.{dice.randrange(9)} KB, "
        f"free {dice.randrange(900)}.1 MB)"
    )


def _web(dice: random.Random, clock: str) -> str:
    return (
        f"[Fri Jun 09 {clock} 2023] [notice] workerEnv.init() ok /etc/httpd/conf/"
        f"{dice.choice(_UNITS)}.properties {_words(dice, 4)} state {dice.randrange(12)}"
    )


def _split(words: str) -> list[str]:
    return words.split()


_WORDS = _split(
    """received block from scheduler retry request buffer cache closed for terminating idle worker thread
    shutting down while waiting connection task finished in stage with result sent to driver memory allocation
    failed node leader election following state changed updating snapshot reading configuration expired
    data directory"""
)
_UNITS = _split(
    "dbus cups network crond rsyslog ntpd httpd postfix sendmail audit udev usb eth scsi ext3 raid"
)
_MAKERS: tuple[Callable[[random.Random, str], str], ...] = (
    _kernel, _systemd, _sshd, _hdfs, _hdfs, _java, _java, _spark, _spark, _web,
)  # fmt: skip

_BOMBS = {
    "digits": "1234567890",
    "@": "@",
    "sip:": "sip:",
    "<sip:": "<sip:",
    "quotes": "\"'",
    "double quotes": '"',
    "colons": ":",
    "ab:": "ab:",
    "a.": "a.",
    "1.": "1.",
    "+1 ": "+1 ",
    "%40": "%40",
    "backslashes": "\\",
    "one word": "x",
    "IBAN": "DE89370400440532013000",
    "key=": "phone=",
    "'key' '": "'phone' '",
    '{"a":': '{"name":',
    "<a ": "<name ",
    "names": "Erika ",
    "eyJ": "eyJ",
    "//a": "//a",
    "tokens": "<TEL:0123456789abcdef>",
    "Call-ID": "Call-ID: a",
    "Attribute": "AttributeANI\t",
    "%40a.b": "%40a.b",
    "Cookie=[": "Cookie=[",
    "Address: by": "Address: by ",
}


def bombs(size: int) -> Iterator[tuple[str, bytes]]:
    """Inputs of one long line that are slow for a scanner that looks too far."""
    for name, piece in _BOMBS.items():
        yield name, (piece * (size // len(piece) + 1)).encode()[:size]
