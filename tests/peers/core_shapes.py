"""The core's shapes of SIP and text beside the reference's detectors, each of them alone.

Whatever the rules say is answered by the reference itself, so that only the reading of text is compared.
Keys are away on both sides, numbers and addresses are off.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from app.masking import Kind, load_rules, persons, text
from app.masking.mails import mails as mails_within
from app.masking.network import Network
from app.masking.sip import Sip
from app.masking.spans import Span
from build_core import run_compiler, this_machine

HERE = Path(__file__).parent
SIP = ("dtmf", "display-name", "sip-uri", "sip-host", "sdp-origin")
TEXT = ("person-name", "secret", "mail", "log-host", "login", "geo", "base64")
DETECTORS = (
    "keyed",
    "dtmf",
    "display-name",
    "person-name",
    "sip-uri",
    "sip-host",
    "sdp-origin",
    "secret",
    "mail",
    "iban",
    "card",
    "national-id",
    "log-host",
    "login",
    "geo",
    "mac",
    "ip",
    "phone",
    "host",
    "base64",
)
_RULES = (
    "api-key",
    "base64",
    "bearer",
    "call-id-host",
    "card",
    "command-line",
    "display-name",
    "dtmf-body",
    "dtmf-info",
    "dtmf-words",
    "fqdn",
    "geo-uri",
    "home-folder",
    "iban",
    "id-in-words",
    "ipv4",
    "ipv6",
    "jwt",
    "learned",
    "log-host",
    "login",
    "mac",
    "mail",
    "national-id",
    "path",
    "person-name",
    "phone",
    "phone-in-words",
    "sdp-host",
    "sdp-origin",
    "share-host",
    "sip-host",
    "sip-param",
    "sip-user",
    "srtp-key",
    "tel-uri",
    "url-host",
    "url-login",
    "via-host",
)
_LEARN, _TOUCHING = 1, 2
_SAYS = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.POINTER(ctypes.c_char), ctypes.c_uint32)


class Found(NamedTuple):
    """What both sides say of a place."""

    start: int
    end: int
    detector: str
    kind: str
    rule: str
    learn: bool
    touching: bool


class _CSpan(ctypes.Structure):
    _fields_ = (
        ("start", ctypes.c_uint32),
        ("end", ctypes.c_uint32),
        ("order", ctypes.c_uint16),
        ("rule", ctypes.c_uint16),
        ("kind", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("spare", ctypes.c_uint16),
        ("learned", ctypes.c_int32),
    )


class _CRules(ctypes.Structure):
    _fields_ = (
        *((name, _SAYS) for name in ("value", "user", "host", "internal", "address", "someones")),
        ("kinds", ctypes.c_uint8 * len(DETECTORS)),
        ("on", ctypes.c_uint8 * len(DETECTORS)),
    )


class Shapes:
    """Both finders of the same shapes, with the default rules."""

    def __init__(self, library: Path) -> None:
        rules = load_rules()
        network = Network(rules.allow)
        sip, mails = Sip(rules, network), mails_within(rules.internal)

        def holds_person(decoded: bytes) -> bool:
            found = (mails(decoded, 0, Kind.MAIL), sip.uris(decoded, 0, Kind.USER))
            return any(True for spans in found for _ in spans)

        self._shapes = rules.shapes
        self._finders: dict[str, Callable[[bytes, int, Kind], Iterator[Span]]] = {
            "dtmf": sip.dtmf,
            "display-name": sip.display_names,
            "person-name": partial(persons.person_names, given=lambda _: False),
            "sip-uri": sip.uris,
            "sip-host": sip.hosts,
            "sdp-origin": sip.sdp_origins,
            "secret": text.secrets,
            "mail": mails,
            "log-host": text.log_hosts(network),
            "login": text.logins,
            "geo": text.positions,
            "base64": text.encoded(holds_person),
        }
        least, most = rules.internal
        answers = {
            "value": lambda value: value.lower() in {v.encode() for v in rules.allow.values},
            "user": lambda user: user.lower() in {u.encode() for u in rules.allow.users},
            "host": network.allowed_host,
            "internal": lambda user: user.isdigit() and (least <= len(user) <= most or len(user) < 3),
            "address": network.is_address,
            "someones": network.is_host,
        }
        self._asked = {name: _asked(answer) for name, answer in answers.items()}
        self._rules = _CRules(**self._asked)
        core = ctypes.CDLL(str(library))
        no = ctypes.cast(core.shapes_no, _SAYS)
        self._quiet = _CRules(**dict.fromkeys(answers, no))
        for place, name in enumerate(DETECTORS):
            for filled in (self._rules, self._quiet):
                filled.kinds[place] = list(Kind).index(rules.shapes[name])
                filled.on[place] = name in self._finders
        detect = core.shapes_detect
        detect.restype = ctypes.c_int64
        detect.argtypes = (
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64,
        )  # fmt: skip
        self._detect = detect

    def native(self, buffer: bytes, detectors: tuple[str, ...] = SIP + TEXT) -> Counter[Found]:
        """What the core finds."""
        room = 64 + 2 * len(buffer)
        spans = (_CSpan * room)()
        count = self._detect(ctypes.byref(self._rules), buffer, len(buffer), spans, room)
        assert count >= 0
        found = (self._of(spans[place]) for place in range(count))
        return Counter(one for one in found if one.detector in detectors)

    def count(self, buffer: bytes) -> int:
        """How many places the core finds with rules that allow nothing and answer at once."""
        room = 64 + 2 * len(buffer)
        spans = ctypes.create_string_buffer(room * ctypes.sizeof(_CSpan))
        found = self._detect(ctypes.byref(self._quiet), buffer, len(buffer), spans, room)
        assert found >= 0
        return int(found)

    def _of(self, span: _CSpan) -> Found:
        detector = DETECTORS[(span.order - 10) // 10]
        kind = list(Kind)[span.kind].value
        flags = bool(span.flags & _LEARN), bool(span.flags & _TOUCHING)
        return Found(span.start, span.end, detector, kind, _RULES[span.rule], *flags)

    def reference(self, buffer: bytes, detectors: tuple[str, ...] = SIP + TEXT) -> Counter[Found]:
        """What the reference finds; a place without a byte is none."""
        return Counter(
            Found(span.start, span.end, name, span.kind.value, span.rule, span.learn, span.touching)
            for name in detectors
            for span in self._finders[name](buffer, 0, self._shapes[name])
            if span.start < span.end
        )


def _asked(answer: Callable[[bytes], bool]) -> object:
    return _SAYS(lambda data, size: bool(answer(data[:size])))


def build(folder: Path) -> Path:
    """Compile all of the core but its keys: one library for shapes, numbers and addresses."""
    target = this_machine()
    assert target is not None, "the core is not offered for this machine"
    library = folder / "core_figures.so"
    words = ["-std=c99", "-O2", "-g0", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
    run_compiler(target, *words, "-o", library, HERE / "core_figures.c")
    return library
