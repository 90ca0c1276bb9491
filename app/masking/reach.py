"""How far a value without quotes reaches that may hold blanks: names, numbers, addresses, dates."""

from __future__ import annotations

from collections.abc import Callable

from app.masking.escapes import LABEL
from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.plausible import PARTICLE, names_nobody
from app.masking.rules import KeyRule
from app.masking.sip import KEYS_APART
from app.masking.tokens import TOKEN

_ELIDED = rb"(?:'[ts] |(?:[dl]|dell|dall|all|sull|nell|degl|sant)')?"
"""What is written with a quote before names: ``d'Angelo``, ``'t Hart``."""
_MORE_GEO = Pattern(rb"[ \t]{0,2}[,;][ \t]{0,2}[+-]?\d{1,3}\.\d{2,12}")
_MORE_BIRTH = Pattern(rb" (?:(?:de|of) )?[A-Za-z\x80-\xff]{3,12}\.? (?:de )?(?:19|20)\d\d(?![\w.:-])")
"""The month in letters and the year behind a day: ``dob=12 Dec 1956``."""
_MORE_TEXT = Pattern(rb"(?:(?![ \t][\w.-]{1,64}[=:])[^,;|\"<>}\t\r\n]){1,4096}")
_BARRED = Pattern(rb"\|[A-Z]{2,16}=\Z")
_MORE_BARRED = Pattern(rb"[ \t][^|=\r\n]{1,1024}(?=[|\r\n]|\Z)")
"""What is said between two bars: ``|SPOK=mary major|`` of a recogniser."""
LETTER = Pattern(rb"[A-Za-z\x80-\xff]")
_NUMBER = Pattern(rb"[+(]?\d[\d ().*#/-]{4,28}\d")
_GROUP = Pattern(rb" *[^ ]+")
_VERSION = Pattern(rb"\d+\.\d+\.\d+")
_COMPLETE = 10
_LONGEST = 15
_MORE_NAME = Pattern(
    rb"(?:(?: "
    + PARTICLE
    + rb"){0,3} "
    + _ELIDED
    + rb"(?!(?:AND|OR|ORDER|LIMIT) |\xe2[\x80-\x9f])[A-Z\x80-\xff][\w'.\x80-\xff-]{0,40}){1,4}"
)
_MORE_ADDRESS = Pattern(rb"(?:(?! [a-z_]{4,32}: |" + LABEL + rb")[^,;&|\"'<>\t\r\n)\]}=]){1,120}")
"""To the next mark, a label on an escaped line, or a key in small letters: ``bairro: Vista cidade: …``."""
_ADDRESS_PART = Pattern(
    rb", [A-Z0-9\x80-\xff][A-Za-z0-9.\x80-\xff-]{0,40}"
    rb"(?: [A-Z0-9\x80-\xff][A-Za-z0-9.\x80-\xff-]{0,40}){0,2}(?=[,;)\]}|\"'\r\n]| [|;]|\Z)"
)
_MORE_ID = Pattern(rb"(?: [0-9A-Z-]{1,6}){1,7}(?=[;,&|\"'<\r\n)\]}]| [|;]|[ ][\w.-]{1,64}[=:]|\Z)")
_MORE_SECRET = Pattern(rb"&[^\s;,|\"'<>)\]}=]{1,64}(?=[\s;,|\"'<>)\]}]|\Z)")
"""An ampersand in a secret, and the rest of it: a parameter of a form would have a sign."""
_MORE_FIELDS = Pattern(rb"\^[^\s,;&\"'<>()\[\]{}|]{1,256}")
"""A secret may hold what parts fields elsewhere: ``password=Ab^Secret1=``."""
_MORE_CARD = Pattern(rb"(?:[ -]\d{1,7}){1,4}(?![\w.])")
_MORE_OF_NAME = Pattern(
    rb", (?:"
    + PARTICLE
    + rb" ){0,3}"
    + _ELIDED
    + rb"[A-Z\x80-\xff][\w'.\x80-\xff-]{0,40}(?: [A-Z\x80-\xff][\w'.\x80-\xff-]{0,40}){0,2}"
    rb"(?=[,;)\]}|\"'\r\n]| [|;]|\Z)"
)
"""The first name behind a family name: ``customerName=O'Hara, Mary``."""
_MORE = {
    Kind.ID: _MORE_ID,
    Kind.CARD: _MORE_CARD,
    Kind.SECRET: _MORE_SECRET,
    Kind.GEO: _MORE_GEO,
    Kind.BIRTH: _MORE_BIRTH,
}
"""What belongs to a value behind its first word."""
_FIRST_NAME = Pattern(rb"[A-Z\x80-\xff][A-Za-z'\x80-\xff-]{1,40}")
_PERSON_ENDS = Pattern(
    rb"[,;)\]}|\t\r\n]| [|; ]| (?!"
    + TOKEN.pattern
    + rb")<| [\w.-]{1,64}[=:]| \((?=[A-Za-z-]{0,39}[\d._@])[\w.@-]{2,40}\)|\Z"
)
"""Also before an extension or a log-in in brackets: ``agent=Mary van Major (2204)``."""
_LOGIN_FIRST = Pattern(rb"(?!" + PARTICLE + rb" )[a-z][a-z0-9._$-]{0,63} \Z")
_BEFORE_SIGN = Pattern(rb"(?: [a-z]{2,10})?(?=[ \t]{0,2}[:=])")
"""The small last word of a label with two words (``First name:``), or nothing, before a sign."""
_MOST_LABEL = 2
"""Words of a label before its last."""
LABELS = frozenset(
    b"status state type tier segment queue priority level reason result role group team title"
    b" language category channel source product subject date time description severity urgency"
    b" impact created updated duration campaign skill site region country company department"
    b" version comment comments action stage progress score class kind mode currency amount"
    b" balance total count".split()
)
"""Labels of what is nobody's, behind a name: ``Assigned To: Mary Major Status: …``."""
_URL = 512
_MOST_OF_LIST = 7


def is_label(buffer: bytes, start: int, end: int) -> bool:
    """Whether a word is the label of what is nobody's: ``Status:``."""
    return buffer[end : end + 1] == b":" and buffer[start:end].lower() in LABELS


def _whole_number(text: bytes) -> int:
    """How much of digits and separators is one phone number, in bytes.

    At most 15 digits (E.164); after ten a space ends it, and two before a bracket always do; a version
    (``8.1.103.95``) is no group of it.
    """
    digits = 0
    reach = 0
    for group in _GROUP.finditer(text):
        more = sum(48 <= c <= 57 for c in group.group())
        apart = group.group().startswith(b"  ") and group.group().lstrip(b" ")[:1] == b"("
        complete = digits >= _COMPLETE or digits + more > _LONGEST
        if digits and (apart or complete or _VERSION.search(group.group())):
            break
        digits += more
        reach = group.end()
    return reach


def reach_of(
    kind: Kind, buffer: bytes, start: int, end: int, *, rule_of: Callable[[bytes], KeyRule | None]
) -> int:
    """Where a value ends that begins at `start` and whose first word ends at `end`."""
    if kind is Kind.SECRET and (field := _MORE_FIELDS.match(buffer, end)):
        end = field.end()
    if kind is not Kind.GEO and _in_url(buffer, start):
        return end
    if kind is Kind.TEL or (kind is Kind.NAME and not LETTER.search(buffer, start, end)):
        number = _NUMBER.match(buffer, start)
        return max(end, start + _whole_number(number.group())) if number else end
    more = None
    if kind is Kind.NAME:
        more = _MORE_NAME.match(buffer, end)
        stop = _before_key(buffer, end, more.end() if more else end)
        read, stop = stop, _before_label(buffer, end, stop, rule_of=rule_of)
        label = stop < read or buffer[stop : stop + 1] == b":"
        if stop > end and label and _LOGIN_FIRST.match(buffer, start, end + 1):
            return end  # Account Name: mohara Supplied Realm Name: …
        return _reach_of_list(buffer, start, stop)
    if kind in _MORE:
        more = _MORE[kind].match(buffer, end)
    elif kind is Kind.USER:
        return _reach_of_person(buffer, start, end, rule_of)
    elif kind is Kind.ADDRESS:
        return _reach_of_address(buffer, start, end)
    elif kind is Kind.DTMF and end - start == 1 and (keys := KEYS_APART.match(buffer, start)):
        return keys.end()
    elif kind is Kind.KEYED:
        return _reach_of_text(buffer, start, end, rule_of)
    return _before_key(buffer, end, more.end() if more else end)


def _reach_of_text(buffer: bytes, start: int, end: int, rule_of: Callable[[bytes], KeyRule | None]) -> int:
    """Free text: to the next bar, behind a colon to the next mark, behind ``=`` the words of a name."""
    more = None
    if _BARRED.search(buffer, max(0, start - 34), start):
        more = _MORE_BARRED.match(buffer, end)
    elif buffer[start - 1 : start] == b"=":  # CallVar3=Mary Major
        return _reach_of_person(buffer, start, end, rule_of)
    elif buffer[start - 2 : start].endswith((b":", b": ")):
        more = _MORE_TEXT.match(buffer, end)
    return _before_key(buffer, end, more.end() if more else end)


def _in_url(buffer: bytes, start: int) -> bool:
    """Whether a value stands among the parameters of a URL or a form, where no blank is part of one."""
    head = buffer[max(0, start - _URL) : start]
    word = head[max(head.rfind(mark) for mark in (b" ", b"\t", b"\n", b'"', b"'")) + 1 :]
    return b"?" in word or b"&" in word


def _reach_of_address(buffer: bytes, start: int, end: int) -> int:
    more = _MORE_ADDRESS.match(buffer, end)
    stop = _before_key(buffer, end, more.end() if more else end)
    if buffer[start - 1 : start] in (b"=", b" ", b":"):  # Address: 12 Maple Street, 62701 Springfield
        for _ in range(3):
            part = _ADDRESS_PART.match(buffer, stop)
            stop = part.end() if part else stop
    return stop


def _reach_of_person(buffer: bytes, start: int, end: int, rule_of: Callable[[bytes], KeyRule | None]) -> int:
    """The other names of somebody where a log-in was looked for: ``supervisor=Mary O'Hara, …``.

    They are words with capitals to the end of the value, to the next key, or to two blanks.
    """
    more = _MORE_NAME.match(buffer, end) if _FIRST_NAME.fullmatch(buffer, start, end) else None
    if more is None:
        return end
    read = _before_key(buffer, end, more.end())
    stop = _before_label(buffer, end, read, rule_of=rule_of)
    closed = stop < read or _PERSON_ENDS.match(buffer, stop)
    return stop if stop > end and closed and not names_nobody(buffer[start:stop]) else end


def _reach_of_list(buffer: bytes, start: int, stop: int) -> int:
    """Behind the first name of somebody, or behind more people: ``Mary O'Hara, John Lee, …``."""
    full = b" " in buffer[start:stop]
    for _name in range(_MOST_OF_LIST):
        more = _MORE_OF_NAME.match(buffer, stop)
        if more is None:
            return stop
        last, stop = stop, more.end()
        if not full or b" " not in buffer[last + 2 : stop]:
            return stop
    return stop


def _before_label(buffer: bytes, end: int, stop: int, *, rule_of: Callable[[bytes], KeyRule | None]) -> int:
    """What was read of a name, without the label of the next field: ``Name: Ann Lee Phone: …``.

    A label is a last word that has a rule as a key, with those before it that have one, too; or the last two,
    which have one together, and another than the last one has.
    """
    sign = _BEFORE_SIGN.match(buffer, stop)
    last = buffer.rfind(b" ", end, stop)
    if sign is None or last < 0:
        return stop
    if is_label(buffer, last + 1, stop):
        return last
    label = sign.end()
    together = rule_of(buffer[last + 1 : label])
    if together is None:
        first = buffer.rfind(b" ", end, last)
        return first if first >= 0 and rule_of(buffer[first + 1 : label]) is not None else stop
    alone = rule_of(buffer[stop + 1 : label])
    if alone is not None and alone.rule == together.rule:  # name=Ann Lee phone=…
        return stop
    for _ in range(_MOST_LABEL):  # Phone Number:
        first = buffer.rfind(b" ", end, last)
        if first < 0 or rule_of(buffer[first + 1 : last]) is None:
            break
        last = first
    return last


def _before_key(buffer: bytes, end: int, stop: int) -> int:
    request = buffer.find(b" HTTP/", end, stop + 6)
    if request >= 0:  # GET /?city=Paris HTTP/1.1
        stop = request
    if buffer[stop : stop + 1] == b"=":  # the last word is the next key
        stop = buffer.rfind(b" ", end, stop)
    return max(end, stop)
