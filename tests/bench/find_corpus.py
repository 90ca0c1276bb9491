"""Two gigabytes of made-up logs in 200 segments of five applications, and the catalogue of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from agent.catalogue import Catalogue, Finder, Searcher, TimeIndexer, TimeTable, open_catalogue
from agent.watch import scan_folder

START = datetime(2023, 6, 9, 0, 0)  # noqa: DTZ001 - local time of the site
APPLICATIONS = ("sips_a", "sips_b", "urs_a", "ors_a", "mcp_1")
ZONE = timedelta(hours=2)

Record = Callable[[Random], str]

CLOCK, CONN, CALL = "\x01", "\x02", "\x03"
"""What stands in a template for the clock to milliseconds, the connection id and the call UUID."""
_TEMPLATES = 400


def _sip(random: Random) -> str:
    return (
        f"@{CLOCK}2 [0] 8.1.103.95 distribute_event: message EventRinging\n"
        f"\tAttributeANI\t'+493090182{random.randrange(10_000):04}'\n\tAttributeDNIS\t'8005550143'\n"
        f"\tAttributeConnID\t{CONN}\n\tAttributeCallUUID\t'{CALL}'\n\tAttributeUserData\t[212] 00 03\n"
        f"\t\t'AccountNo'\t'{random.randrange(10**9)}'\n"
        f"\tAttributeEventSequenceNumber\t{random.randrange(16**8):016x}\n\tAttributeTimeinuSecs\t441218\n"
        f"{CLOCK}: Sending  [0,UDP] 806 bytes to 192.0.2.17:5060 >>>>>\n"
        f"INVITE sip:+493090182{random.randrange(10_000):04}@192.0.2.17:5060;user=phone SIP/2.0\n"
        f"Via: SIP/2.0/UDP 192.0.2.11;branch=z9hG4bK{random.randrange(16**12):012X}\n"
        f"Call-ID: {random.randrange(16**8):08X}-01EE-4B21@192.0.2.11\nX-Genesys-CallUUID: {CALL}\n"
        f"Content-Length: 0\n\n{CLOCK} Trc 22003 block {random.randrange(10**17)} done\n"
    )


def _urs(random: Random) -> str:
    return (
        f"{CLOCK}_I_I_{CONN} [09:05] >>>>>>>>>>>>resume interpretator(0), func:SuspendForDN\n"
        f'_I_I_{CONN} [09:04] ASSIGN: v_AccountNo(LOCAL) <- STRING: "{random.randrange(10**9)}"\n'
        f'{CLOCK} Int 04543 Interaction message "EventRouteRequest" received from 65200 ("SIPTS@3020")\n'
    )


def _ors(random: Random) -> str:
    return (
        f"{CLOCK} [T:2560] {{ScxmlMetric:3}} METRIC <eval_expr sid='{CALL}' expression='v_Conn' "
        f"result='{CONN}' />\n{CLOCK} Trc 33009 queue 8001 waits {random.randrange(900)} ms\n"
    )


def _mcp(random: Random) -> str:
    return (
        f"2023-06-09T{CLOCK} Int 50118 INFO 025101E8-{random.randrange(16**8):08X} 0A100B04 dtmf received\n"
    )


RECORDS: dict[str, Record] = {"sips_a": _sip, "sips_b": _sip, "urs_a": _urs, "ors_a": _ors, "mcp_1": _mcp}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where it lies, and the one call in it whose ids are known."""

    folder: Path
    total: int
    conn: str
    call: str


def write_corpus(folder: Path, *, size: int, segments: int, hours: float = 24.0) -> Corpus:
    """Write it, the same every time: each application fills its segments evenly over these hours."""
    folder.mkdir(parents=True)
    random = Random(11)
    each = segments // len(APPLICATIONS)
    segment_bytes = size // segments
    span = timedelta(hours=hours) / each
    conn, call = "00e2029a670222cb", "7C1QF2V5B57K1C9HGB2O1RVR4K000A2F"
    total = 0
    for name in APPLICATIONS:
        for number in range(each):
            opened = START + span * number
            stamp = f"{opened:%Y%m%d_%H%M%S}_{opened.microsecond // 1000:03}"
            path = folder / f"{name}.{stamp}.log"
            with path.open("w", encoding="utf-8", newline="\n") as stream:
                stream.write(_header(name, opened, number=number + 1, file=path.name))
                for text in _records(random, name, opened, span, segment_bytes, conn, call):
                    total += stream.write(text)
    return Corpus(folder, total, conn, call)


def _records(
    random: Random, name: str, opened: datetime, span: timedelta, size: int, conn: str, call: str
) -> Iterator[str]:
    """Records of one segment, of some hundred shapes with ids of their own."""
    templates = [RECORDS[name](random) for _ in range(_TEMPLATES)]
    length = len(templates[0].replace(CLOCK, "0" * 12).replace(CONN, "0" * 16).replace(CALL, "0" * 32))
    count = size // length
    step = span / (count + 1)
    noon = START + timedelta(hours=12)
    for number in range(count):
        at = opened + step * number
        known = noon <= at < noon + timedelta(seconds=20)
        one, other = f"00e2029a{random.getrandbits(32):08x}", f"{random.getrandbits(100):032X}"
        yield (
            templates[number % _TEMPLATES]
            .replace(CLOCK, at.time().isoformat("milliseconds"))
            .replace(CONN, conn if known else one)
            .replace(CALL, call if known else other)
        )


def _header(name: str, opened: datetime, *, number: int, file: str) -> str:
    local = f"{opened:%Y-%m-%dT%H:%M:%S.%f}"[:23]
    universal = f"{opened - ZONE:%Y-%m-%dT%H:%M:%S.%f}"[:23]
    return (
        f"Local time:        {local}\nStart time (UTC):  {universal}\nRunning time:      0:00:00:00.000\n"
        f"Host name:         sip-a01\nApplication name:  {name}\nFile:              ({number}) {file}\n\n"
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """The catalogue of a corpus."""

    catalogue: Catalogue
    table: TimeTable
    indexer: TimeIndexer
    finder: Finder
    searcher: Searcher


@contextmanager
def opened_catalogue(corpus: Corpus, database: Path) -> Iterator[Opened]:
    """The corpus in a catalogue, every segment closed but the last ones; nothing is read yet."""
    now = [0.0]
    wall = datetime(2023, 6, 10, tzinfo=UTC)
    catalogue = open_catalogue(database, quiet=1.0, clock=lambda: now[0], wall=lambda: wall)
    try:
        for moment in (0.0, 10.0):
            now[0] = moment
            catalogue.observe(scan_folder(corpus.folder))
        table = TimeTable(catalogue.database, evidence=database.parent / "evidence")
        indexer = TimeIndexer(table, host="bench")
        finder = Finder(table, indexer)
        yield Opened(catalogue, table, indexer, finder, Searcher(finder))
    finally:
        catalogue.close()
