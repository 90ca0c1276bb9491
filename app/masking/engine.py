"""The clear reference engine: ``re`` with bounded patterns, validators, and two passes over a file.

The first pass learns what keys tell, the second masks. It is slow, and stays as the oracle of faster engines.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from app.masking import numbers, text
from app.masking.closing import failing_closed, lines_differ, stream_size
from app.masking.custom import CustomRules
from app.masking.face import FileReport, Kind, MaskedLine
from app.masking.keyed import KeyedValues
from app.masking.keys import PseudonymKey
from app.masking.learned import Learned
from app.masking.lines import LineBuilder
from app.masking.network import Network
from app.masking.pseudonyms import OnToken, Pseudonyms
from app.masking.rules import Policy, RuleSet
from app.masking.sip import Sip
from app.masking.spans import Span, beside_token, settle
from app.masking.stream import BLOCK, CONTEXT, Reading, Window

NAME = "reference 1"

Finder = Callable[[bytes, int, Kind], Iterator[Span]]


@dataclass(frozen=True, slots=True)
class _Detector:
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
        self._detectors = _detectors(rules)

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
    def on_token(self) -> OnToken | None:
        """See `app.masking.face.Engine.on_token`."""
        return self._pseudonyms.on_token

    @on_token.setter
    def on_token(self, hook: OnToken | None) -> None:
        self._pseudonyms.on_token = hook

    def pseudonym(self, kind: Kind, value: str) -> str:
        """The token of a value that is known to be personal, whatever the rules find in it."""
        return self._pseudonyms.token(kind, value.encode("utf-8", "surrogatepass")).decode("ascii")

    def mask_stream(self, source: BinaryIO, sink: BinaryIO) -> FileReport:
        """Copy `source` (seekable, read from its first byte) to `sink` masked.

        Raises:
            MaskingError: anything went wrong; what is in `sink` must not be used.
            NotText: the file is binary.
        """
        with failing_closed():
            size = stream_size(source)
            learned = self._learn(source, size)
            reading = Reading(source, size=size, block=self._block, context=self._context)
            digest = hashlib.sha256()
            tally = _Tally(raw=size)

            def write(data: bytes) -> None:
                sink.write(data)
                digest.update(data)
                tally.masked += len(data)

            write(reading.transcoder.encoding.bom)
            for own, spans, window in self._scan(reading, learned, kept=tally.kept):
                masked = self._replace(own, spans)
                feeds = own.count(b"\n")
                if masked.count(b"\n") != feeds:
                    raise lines_differ()
                _count(tally, own, spans, feeds)
                reading.transcoder.count_undecodable(own)
                write(reading.transcoder.outward(masked))
                del window
            write(reading.tail)
            transcoder = reading.transcoder
            return FileReport(
                encoding=transcoder.encoding.name,
                lines=tally.lines + (not tally.ended),
                raw_size=size,
                masked_size=tally.masked,
                masked_sha256=digest.hexdigest(),
                counts=dict(sorted(tally.kinds.items())),
                rules=dict(sorted(tally.rules.items())),
                undecodable=transcoder.undecodable + len(reading.tail),
                learned=len(learned),
                not_learned=learned.dropped,
                kept=dict(sorted(tally.kept.items())),
            )

    def preview(self, source: BinaryIO) -> Iterator[MaskedLine]:
        """Every line before and after, in order, without its line end.

        Raises:
            MaskingError: as `mask_stream`.
        """
        with failing_closed():
            size = stream_size(source)
            learned = self._learn(source, size)
            reading = Reading(source, size=size, block=self._block, context=self._context)
            builder = LineBuilder(self._pseudonyms.token, reading.transcoder)
            for own, spans, _window in self._scan(reading, learned):
                yield from builder.take(own, spans)
            yield from builder.rest()

    def _learn(self, source: BinaryIO, size: int) -> Learned:
        rules = self._rules
        learned = Learned(
            rules.learning,
            country=rules.country,
            stop=rules.allow.values | rules.allow.users | rules.allow.hosts,
        )
        for kind, value in rules.known:
            learned.know(kind, value.encode("utf-8"))
        if "learned" not in rules.shapes:
            return learned
        teachers = [d for d in self._detectors if d.teaches]
        reading = Reading(source, size=size, block=self._block, context=self._context)
        for window in reading.windows():
            for detector in teachers:
                for span in detector.finder(window.buffer, detector.order, detector.kind):
                    if not span.learn or span.start < window.start or self._stays(span, window.buffer):
                        continue
                    if span.touching or not beside_token(span, window.buffer):
                        learned.learn(span.kind, window.buffer[span.start : span.end])
        return learned

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
        found.extend(learned.find(window.buffer))
        if self._kept and kept is not None:
            staying = settle((span for span in found if span.kind in self._kept), window.buffer)
            kept.update(span.kind.value for span in staying if window.start <= span.start < window.end)
        if self._kept or self._rules.numbers:
            found = [span for span in found if not self._stays(span, window.buffer)]
        own: list[Span] = []
        for span in settle(found, window.buffer):
            if span.end <= window.start or span.start >= window.end:
                continue
            own.append(span if span.start >= window.start else span._replace(start=window.start, value=None))
        return own

    def _stays(self, span: Span, buffer: bytes) -> bool:
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


def _detectors(rules: RuleSet) -> tuple[_Detector, ...]:
    network = Network(rules.allow, site=rules.subnets)
    sip = Sip(rules, network)
    keyed = KeyedValues(rules)
    mails = text.mails(network)

    def by_key(buffer: bytes, _order: int, _kind: Kind) -> Iterator[Span]:
        return keyed.find(buffer)

    opening: dict[str, Finder] = {
        "keyed": by_key,
        "mail": mails,
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
        ("person-name", text.person_names, True),
        ("sip-uri", sip.uris, True),
        ("sip-host", sip.hosts, False),
        ("sdp-origin", sip.sdp_origins, False),
        ("secret", text.secrets, False),
        ("mail", mails, True),
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
        _Detector(finder, 10 + 10 * place, rules.shapes[name], teaches)
        for place, (name, finder, teaches) in enumerate(built_in)
        if name in rules.shapes
    ]
    custom = CustomRules(rules.patterns)
    if not custom:
        return tuple(detectors)

    def by_pattern(buffer: bytes, _order: int, _kind: Kind) -> Iterator[Span]:
        return custom.find(buffer)

    return (_Detector(by_pattern, 1, Kind.CUSTOM, custom.teaches), *detectors)
