"""The clear reference engine: ``re`` with bounded patterns, validators, and two passes over a file.

The first pass learns what keys tell, the second masks. It is slow, and stays as the oracle of faster engines.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from app.masking import mails, numbers, text
from app.masking.closing import failing_closed, lines_differ, stream_size
from app.masking.custom import CustomRules
from app.masking.face import FileReport, Kind, MaskedLine, Study
from app.masking.givens import GivenNames
from app.masking.keyed import KeyedValues
from app.masking.keys import PseudonymKey
from app.masking.learned import Learned
from app.masking.lines import LineBuilder
from app.masking.network import Network
from app.masking.persons import person_names
from app.masking.pseudonyms import OnToken, Pseudonyms
from app.masking.rules import Policy, RuleSet
from app.masking.secondlook import look_again
from app.masking.sip import Sip
from app.masking.spans import Span, beside_token, settle
from app.masking.stream import BLOCK, CONTEXT, Reading, Window
from app.masking.studied import StudiedFile, StudiedFiles, identified, refuse_unknown

NAME = "reference 1"
_OF_CUSTOMERS = 1

Finder = Callable[[bytes, int, Kind], Iterator[Span]]


@dataclass(frozen=True, slots=True)
class Detector:
    """Finds values of one sort.

    Attributes:
        name: as in the rules' shapes; empty for the customer's own patterns.
        teaches: whether what it finds is also masked where it recurs.
    """

    name: str
    finder: Finder
    order: int
    kind: Kind
    teaches: bool


@dataclass(slots=True)
class _Tally:
    lines: int = 0
    raw: int = 0
    masked: int = 0
    ended: bool = True
    kinds: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)


class ReferenceStudy:
    """See `app.masking.face.Study`."""

    def __init__(self, learned: Learned, *, rules: str, key: str) -> None:
        self.told = learned
        self.known = StudiedFiles(rules=rules, key=key)

    @property
    def files(self) -> int:
        """How many files it knows."""
        return len(self.known)

    @property
    def learned(self) -> int:
        """Values that are remembered."""
        return len(self.told)

    @property
    def not_learned(self) -> int:
        """Values past the bound."""
        return self.told.dropped

    def listen(self) -> None:
        """See `app.masking.face.Study.listen`; it remembers them anyway."""

    def heard(self) -> tuple[tuple[Kind, bytes], ...]:
        """See `app.masking.face.Study.heard`."""
        return self.told.values()

    def teach(self, values: Iterable[tuple[Kind, bytes]]) -> None:
        """See `app.masking.face.Study.teach`."""
        self.known.refuse_used()
        for kind, value in values:
            self.told.learn(kind, value)


class ReferenceEngine:
    """Masks with one rule set and one key. Safe to use from one thread at a time.

    Args:
        block, context: sizes of windows in bytes; tests make them small.
    """

    def __init__(
        self, rules: RuleSet, key: PseudonymKey, *, block: int = BLOCK, context: int = CONTEXT
    ) -> None:
        self._rules = rules
        self._key_id = key.id
        self._block, self._context = block, context
        self._kept = frozenset(kind for kind in Kind if rules.policy_of(kind) is Policy.KEEP)
        self._pseudonyms = Pseudonyms.of(rules, key)
        self._network = Network(rules.allow, site=rules.subnets)
        self._keyed = KeyedValues(rules)
        self._givens = GivenNames(rules.people)
        self._detectors = _detectors(rules, self._network, self._keyed, self._givens)

    @property
    def name(self) -> str:
        """``reference 1``."""
        return NAME

    @property
    def rule_set(self) -> str:
        """Name and version of the rules."""
        return self._rules.title

    @property
    def profile(self) -> str:
        """Name of the rules' profile; empty for the rules as they stand."""
        return self._rules.profile

    @property
    def rule_set_sha256(self) -> str:
        """Digest of the rules' canonical text."""
        return self._rules.sha256

    @property
    def key_id(self) -> str:
        """Names the pseudonym key."""
        return self._key_id

    @property
    def detectors(self) -> tuple[Detector, ...]:
        """What finds values, in order."""
        return self._detectors

    @property
    def network(self) -> Network:
        """What finds addresses and hosts."""
        return self._network

    @property
    def keyed(self) -> KeyedValues:
        """What finds values by their keys."""
        return self._keyed

    @property
    def givens(self) -> GivenNames:
        """What finds names by their given name."""
        return self._givens

    @property
    def on_token(self) -> OnToken | None:
        """See `app.masking.face.Engine.on_token`."""
        return self._pseudonyms.on_token

    @on_token.setter
    def on_token(self, hook: OnToken | None) -> None:
        self._pseudonyms.on_token = hook

    def pseudonym(self, kind: Kind, value: str) -> str:
        """The token of a value that is known to be personal, whatever the rules find in it."""
        return self._pseudonyms.token(kind, value.encode("utf-8", "surrogatepass")).decode("ascii")

    def study(self) -> ReferenceStudy:
        """See `app.masking.face.Engine.study`."""
        return ReferenceStudy(self.known(), rules=self._rules.sha256, key=self._key_id)

    def learn(self, source: BinaryIO, study: Study) -> None:
        """See `app.masking.face.Engine.learn`.

        Raises:
            MaskingError: anything went wrong, as it will when the file is masked.
        """
        with failing_closed():
            own = self._own(study)
            own.known.refuse_used()
            size = stream_size(source)
            learned, dropped = own.learned, own.not_learned
            own.told.next_file()
            identity = self._learn(source, size, own.told)
            more, past = own.learned - learned, own.not_learned - dropped
            own.known.add(source, size, StudiedFile(identity, more, past))

    def mask_stream(self, source: BinaryIO, sink: BinaryIO, *, study: Study | None = None) -> FileReport:
        """Copy `source` (seekable, read from its first byte) to `sink` masked.

        Raises:
            MaskingError: anything went wrong; what is in `sink` must not be used.
            NotText: the file is binary.
        """
        with failing_closed():
            size = stream_size(source)
            own = None if study is None else self._own(study)
            if own is not None and "learned" not in self._rules.shapes:
                own = None  # a file tells the others nothing
            known = [] if own is None else own.known.maybe(source, size)
            if own is not None and not known:
                refuse_unknown(Reading(source, size=size, block=self._block, context=self._context))
            learned = self._taught(source, size, own, known)
            reading = Reading(source, size=size, block=self._block, context=self._context)
            digest, seen = hashlib.sha256(), hashlib.sha256()
            tally = _Tally(raw=size)

            def write(data: bytes) -> None:
                sink.write(data)
                digest.update(data)
                tally.masked += len(data)

            write(reading.transcoder.encoding.bom)
            for part, spans, window in self._scan(reading, learned, kept=tally.kept):
                masked = self._replace(part, spans)
                feeds = part.count(b"\n")
                if masked.count(b"\n") != feeds:
                    raise lines_differ()
                _count(tally, part, spans, feeds)
                seen.update(part)
                reading.transcoder.count_undecodable(part)
                write(reading.transcoder.outward(masked))
                del window
            write(reading.tail)
            transcoder = reading.transcoder
            told = (len(learned), learned.dropped)
            if own is not None:
                file = identified(known, seen.digest())
                told = (file.learned, file.not_learned)
            return FileReport(
                encoding=transcoder.encoding.name,
                lines=tally.lines + (not tally.ended),
                raw_size=size,
                masked_size=tally.masked,
                masked_sha256=digest.hexdigest(),
                counts=dict(sorted(tally.kinds.items())),
                rules=dict(sorted(tally.rules.items())),
                undecodable=transcoder.undecodable + len(reading.tail),
                learned=told[0],
                not_learned=told[1],
                kept=dict(sorted(tally.kept.items())),
            )

    def preview(
        self, source: BinaryIO, *, study: Study | None = None, longest: int | None = None
    ) -> Iterator[MaskedLine]:
        """Every line before and after, in order, without its line end; a long one in pieces (`longest`).

        Raises:
            MaskingError: as `mask_stream`.
        """
        with failing_closed():
            size = stream_size(source)
            own = None if study is None else self._own(study)
            known = [] if own is None else own.known.maybe(source, size)
            learned = self._taught(source, size, own, known)
            reading = Reading(source, size=size, block=self._block, context=self._context)
            builder = LineBuilder(self._pseudonyms.token, reading.transcoder, longest=longest)
            for part, spans, _window in self._scan(reading, learned):
                yield from builder.take(part, spans)
            yield from builder.rest()

    def _own(self, study: Study) -> ReferenceStudy:
        if not isinstance(study, ReferenceStudy):
            raise ValueError("a study is for the engine that made it")  # noqa: TRY004 - a value among studies
        study.known.refuse_other(rules=self._rules.sha256, key=self._key_id)
        return study

    def known(self) -> Learned:
        """What is masked wherever it stands before a file told anything: the site's own values."""
        rules = self._rules
        learned = Learned(
            rules.learning,
            country=rules.country,
            stop=rules.allow.values | rules.allow.users | rules.allow.hosts,
        )
        for kind, value in rules.known:
            learned.know(kind, value.encode("utf-8"))
        return learned

    def _taught(
        self, source: BinaryIO, size: int, study: ReferenceStudy | None, known: list[StudiedFile]
    ) -> Learned:
        """By what a file is masked: a study that knows all it tells, or itself and then the study."""
        if study is not None and known and not any(file.not_learned for file in known):
            return study.told
        learned = self.known()
        if "learned" in self._rules.shapes:
            self._learn(source, size, learned)
        if study is not None and not len(learned):
            return study.told  # a name of a file, which tells nothing itself
        if study is not None:
            learned.share(study.told)
        return learned

    def _learn(self, source: BinaryIO, size: int, learned: Learned) -> bytes:
        """What the file tells; the digest of what was read."""
        teachers = [d for d in self._detectors if d.teaches] if "learned" in self._rules.shapes else []
        reading = Reading(source, size=size, block=self._block, context=self._context)
        digest = hashlib.sha256()
        for window in reading.windows():
            digest.update(window.buffer[window.start : window.end])
            told = [d.finder(window.buffer, d.order, d.kind) for d in teachers]
            told.append(self._rows(window))
            for span in sorted(chain.from_iterable(told)):  # the first ones are remembered
                if not span.learn or span.start < window.start or self.stays(span, window.buffer):
                    continue
                if span.touching or not beside_token(span, window.buffer):
                    learned.learn(span.kind, window.buffer[span.start : span.end])
        return digest.digest()

    def _scan(
        self, reading: Reading, learned: Learned, *, kept: Counter[str] | None = None
    ) -> Iterator[tuple[bytes, list[Span], Window]]:
        """Own parts in order, each with its settled spans (offsets in the own part)."""
        windows = reading.windows()
        window = next(windows, None)
        while window is not None:
            spans = self._spans(window, learned, kept)
            end = max(window.end, spans[-1].end) if spans else window.end
            own = window.buffer[window.start : end]
            shifted = [s._replace(start=s.start - window.start, end=s.end - window.start) for s in spans]
            yield own, shifted, window
            try:
                window = windows.send(end)
            except StopIteration:
                window = None

    def _spans(self, window: Window, learned: Learned, kept: Counter[str] | None) -> list[Span]:
        found: list[Span] = []
        for detector in self._detectors:
            found.extend(detector.finder(window.buffer, detector.order, detector.kind))
        found.extend(self._rows(window))
        found.extend(learned.find(window.buffer))
        if self._kept and kept is not None:
            staying = settle((span for span in found if span.kind in self._kept), window.buffer)
            kept.update(span.kind.value for span in staying if window.start <= span.start < window.end)
        if self._kept or self._rules.numbers:
            found = [span for span in found if not self.stays(span, window.buffer)]
        settled = look_again(
            settle(found, window.buffer),
            window.buffer,
            start=window.start,
            end=window.end,
            perhaps=self._passed_over(window.buffer),
            search=self._search,
        )
        own: list[Span] = []
        for span in settled:
            if span.end <= window.start or span.start >= window.end:
                continue
            own.append(span if span.start >= window.start else span._replace(start=window.start, value=None))
        return own

    def _rows(self, window: Window) -> Iterator[Span]:
        """Values in the columns of a file that begins with their names."""
        return (
            self._keyed.find_rows(window.table, window.buffer) if "keyed" in self._rules.shapes else iter(())
        )

    def _passed_over(self, buffer: bytes) -> list[int]:
        """Places that are no value because of the words before them."""
        places: list[int] = []
        if "ip" in self._rules.shapes:
            places += self._network.passed_over(buffer)
        if "mail" in self._rules.shapes:
            places += mails.mails_passed_over(buffer)
        return sorted(places)

    def _search(self, line: bytes) -> list[Span]:
        """What the product's own detectors find in a line."""
        own = (d for d in self._detectors if d.order > _OF_CUSTOMERS)
        spans = (span for each in own for span in each.finder(line, each.order, each.kind))
        return settle((span for span in spans if not self.stays(span, line)), line)

    def stays(self, span: Span, buffer: bytes) -> bool:
        """Whether a place stays readable: its kind is kept, or it is a number of the own ranges."""
        if span.kind in self._kept:
            return True
        numbers = self._rules.numbers
        return bool(numbers) and span.kind is Kind.TEL and numbers.stays(buffer[span.start : span.end])

    def _replace(self, own: bytes, spans: list[Span]) -> bytes:
        token = self._pseudonyms.token
        pieces: list[bytes] = []
        at = 0
        for span in spans:
            pieces.append(own[at : span.start])
            pieces.append(token(span.kind, span.value or own[span.start : span.end]))
            at = span.end
        pieces.append(own[at:])
        return b"".join(pieces)


def reference_engine(rules: RuleSet, key: PseudonymKey) -> ReferenceEngine:
    """The reference engine with these rules and this key."""
    return ReferenceEngine(rules, key)


def _count(tally: _Tally, own: bytes, spans: list[Span], feeds: int) -> None:
    tally.lines += feeds
    tally.ended = own.endswith(b"\n")
    tally.kinds.update(span.kind.value for span in spans)
    tally.rules.update(span.rule for span in spans)


def _detectors(
    rules: RuleSet, network: Network, keyed: KeyedValues, givens: GivenNames
) -> tuple[Detector, ...]:
    sip = Sip(rules, network)

    def by_key(buffer: bytes, _order: int, _kind: Kind) -> Iterator[Span]:
        return keyed.find(buffer)

    def names(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        yield from person_names(buffer, order, kind, given=givens.is_given)
        yield from givens.find(buffer, order, kind)

    opening: dict[str, Finder] = {
        "keyed": by_key,
        "mail": mails.mails(rules.internal),
        "phone": numbers.phones,
        "sip-uri": sip.uris,
        "ip": network.addresses,
    }

    def holds_person(decoded: bytes) -> bool:
        finders = (finder for name, finder in opening.items() if name in rules.shapes)
        return any(True for finder in finders for _ in finder(decoded, 0, Kind.KEYED))

    built_in: tuple[tuple[str, Finder, bool], ...] = (
        ("keyed", by_key, True),
        ("dtmf", sip.dtmf, False),
        ("display-name", sip.display_names, True),
        ("person-name", names, True),
        ("sip-uri", sip.uris, True),
        ("sip-host", sip.hosts, False),
        ("sdp-origin", sip.sdp_origins, False),
        ("secret", text.secrets, False),
        ("mail", opening["mail"], True),
        ("iban", numbers.ibans, False),
        ("card", numbers.cards, False),
        ("national-id", numbers.national_ids, False),
        ("log-host", text.log_hosts(network), True),
        ("login", text.logins, True),
        ("geo", text.positions, False),
        ("mac", network.macs, False),
        ("ip", network.addresses, False),
        ("phone", numbers.phones, True),
        ("host", network.hosts, False),
        ("base64", text.encoded(holds_person), False),
    )
    detectors = [
        Detector(name, finder, 10 + 10 * place, rules.shapes[name], teaches)
        for place, (name, finder, teaches) in enumerate(built_in)
        if name in rules.shapes
    ]
    custom = CustomRules(rules.patterns)
    if not custom:
        return tuple(detectors)

    def by_pattern(buffer: bytes, _order: int, _kind: Kind) -> Iterator[Span]:
        return custom.find(buffer)

    return (Detector("", by_pattern, 1, Kind.CUSTOM, custom.teaches), *detectors)
