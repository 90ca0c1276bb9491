from __future__ import annotations

import stat
import sys

import pytest

from app.domain.errors import CredentialsError, InputError, IntegrityError, LocalError
from app.logs import is_binary
from app.masking import KeyRing, NotText, PseudonymKey, ReferenceEngine, load_rules, mask_file, mask_text
from app.masking.face import Kind
from app.masking.lens import Lens
from app.masking.lensmark import is_lens
from app.masking.pseudonyms import Pseudonyms
from app.masking.rules import Policy
from app.masking.tokens import Style, TokenForm

OLD, NEW = PseudonymKey(b"k" * 32), PseudonymKey(b"n" * 32)
RING = KeyRing(OLD)
LINE = "call from +4930901820417 CustomerName='Anna Kovács'"
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keep" / "site.lens"


def filled(path, *, ring=RING, line=LINE, **options) -> str:
    engine = ReferenceEngine(load_rules(), ring.current)
    with Lens(path, ring, **options) as lens:
        engine.on_token = lens.keep
        return mask_text(engine, line).text


def test_tokens_are_turned_back_to_what_stood_there(path):
    masked = filled(path)
    assert "Kov" not in masked
    assert Lens(path, RING).unmask(masked).text == LINE


@pytest.mark.parametrize(
    ("left", "right"), [("", ""), ("&lt;", "&gt;"), ("%3C", "%3E"), ("\\u003c", "\\u003e"), ("«", "»")]
)
def test_tokens_are_known_in_the_forms_that_answers_have(path, left, right):
    token = filled(path, line="CustomerName='Anna Kovács'").split("<")[1].split(">")[0]
    said = Lens(path, RING).unmask(f"ask {left}{token}{right} about it")
    assert said.found == 1
    assert "Anna Kovács" in said.text


def test_a_token_in_a_file_name_is_known(path):
    token = filled(path, line="CustomerName='Anna Kovács'").split("<")[1].split(">")[0]
    assert Lens(path, RING).unmask(token.replace(":", "-") + ".log").text == "Anna Kovács.log"


FORMS = [
    TokenForm(digits=24),
    TokenForm(key_id=True),
    TokenForm(subnets=True, mail_domain=True),
    TokenForm(columns=True),
    TokenForm(style=Style.WORD),
    TokenForm(style=Style.WORD, key_id=True, subnets=True, digits=32),
]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.IP, "192.0.2.17"),
        (Kind.MAIL, "a very long address of somebody@abc.example"),
        (Kind.ID, "x" * 60),
    ],
)
def test_tokens_of_every_form_are_turned_back(path, form, kind, value):
    pseudonyms = Pseudonyms(OLD, form=form)
    with Lens(path, RING) as lens:
        pseudonyms.on_token = lens.keep
        token = pseudonyms.token(kind, value.encode()).decode()
    assert Lens(path, RING).unmask(f"see {token}, and {token}").text == f"see {value}, and {value}"


def test_a_token_with_a_readable_tail_is_turned_back(path):
    pseudonyms = Pseudonyms(OLD, policy={Kind.ID: Policy.PARTIAL}, tails={Kind.ID: 4})
    with Lens(path, RING) as lens:
        pseudonyms.on_token = lens.keep
        token = pseudonyms.token(Kind.ID, b"4000123412345678").decode()
    assert token.endswith(":5678>")
    assert Lens(path, RING).unmask(token).text == "4000123412345678"


def test_unknown_tokens_stay_and_are_counted(path):
    filled(path)
    said = Lens(path, RING).unmask("<TEL:0123456789abcdef> <DTMF:0000000000000000>")
    assert (said.text, said.found, said.unknown) == ("<TEL:0123456789abcdef> <DTMF:0000000000000000>", 0, 1)


def test_digits_of_little_entropy_are_not_kept(path):
    filled(path, line="Signal=5")
    assert "DTMF" not in Lens(path, RING).facts().by_kind


def test_no_value_stands_in_the_file(path):
    filled(path)
    content = path.read_bytes()
    assert b"Anna" not in content
    assert b"901820417" not in content


@posix
def test_the_file_is_for_its_owner_only(path):
    filled(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_a_lens_that_lies_open_is_refused(path):
    filled(path)
    path.chmod(0o644)
    with pytest.raises(CredentialsError):
        Lens(path, RING)


def test_without_the_key_nothing_is_told(path):
    masked = filled(path)
    other = Lens(path, KeyRing(NEW))
    assert other.unmask(masked).found == 0
    assert other.facts().locked == 1


def test_after_a_rotation_older_and_newer_tokens_are_turned_back(path):
    first = filled(path)
    ring = RING.rotated(NEW)
    second = filled(path, ring=ring)
    assert first != second
    lens = Lens(path, ring)
    assert lens.unmask(first).text == lens.unmask(second).text == LINE


@pytest.mark.parametrize("place", [-1, -40, 60])
def test_a_changed_byte_is_noticed(path, place):
    filled(path)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError) as caught:
        Lens(path, RING)
    assert caught.value.code == "CF-1935"


def test_what_a_crash_cut_short_is_dropped_and_the_next_value_is_written_behind_what_is_whole(path):
    masked = filled(path)
    with path.open("ab") as file:
        file.write(b"\0\0\1\0half a record")
    again = filled(path, line="CustomerName='Berta Imre'")
    lens = Lens(path, RING)
    assert lens.unmask(masked).text == LINE
    assert lens.unmask(again).text == "CustomerName='Berta Imre'"


def test_two_programs_may_write_to_one_lens(path):
    first, second = Lens(path, RING), Lens(path, RING)
    first.keep(Kind.NAME, b"Anna", b"<NAME:1111111111111111>")
    second.keep(Kind.NAME, b"Berta", b"<NAME:2222222222222222>")
    first.flush()
    second.flush()
    assert Lens(path, RING).unmask("NAME:1111111111111111 NAME:2222222222222222").text == "Anna Berta"


def test_values_expire(path):
    clock = Clock()
    masked = filled(path, days=2, clock=clock)
    assert Lens(path, RING, clock=clock).unmask(masked).found == 2
    clock.now += 2 * 86_400 + 1
    lens = Lens(path, RING, clock=clock)
    assert lens.unmask(masked).found == 0
    assert lens.facts().expired == 2
    assert lens.sweep() == 2
    assert Lens(path, RING, clock=clock).facts().expired == 0


def test_a_value_that_is_met_again_lives_longer(path):
    clock = Clock()
    masked = filled(path, days=2, clock=clock)
    clock.now += 1.5 * 86_400
    filled(path, days=2, clock=clock)
    clock.now += 86_400
    assert Lens(path, RING, clock=clock).unmask(masked).found == 2


@pytest.mark.parametrize(
    "value",
    ["+4930901820417", "0049 30 901820417", "(+49) 30-9018-20417", "030/901820417", "(030) 9018-20417"],
)
def test_a_person_is_erased_by_a_value_in_any_notation(path, value):
    masked = filled(path)
    assert Lens(path, RING).erase(values=[value]) == 1
    said = Lens(path, RING).unmask(masked)
    assert said.found == 1
    assert "901820417" not in said.text


@pytest.mark.parametrize("value", ["Kovács, Anna", "KOVÁCS Anna", "anna  kova\u0301cs"])
def test_a_person_is_erased_by_a_name_in_any_order(path, value):
    masked = filled(path)
    assert Lens(path, RING).erase(values=[value]) == 1
    assert "Anna" not in Lens(path, RING).unmask(masked).text


@pytest.mark.parametrize("said", ["030 901820417", "+49 30 901820417", "0049 (0)30 901820417"])
def test_a_person_is_erased_by_a_number_when_the_log_has_it_as_it_is_dialled_at_home(path, said):
    filled(path, line="phone: 030 9018-20417")
    assert Lens(path, RING).erase(values=[said]) == 1


@pytest.mark.parametrize(
    "value", ["+43 30 901820417", "040 901820417", "20417", "901820418", "Anna", "Kovács"]
)
def test_others_stay_in_the_lens(path, value):
    filled(path)
    assert Lens(path, RING).erase(values=[value]) == 0


def test_a_person_is_erased_by_a_token(path):
    masked = filled(path)
    token = "NAME:" + masked.split("<NAME:")[1][:16]
    assert Lens(path, RING).erase(tokens=[token]) == 1
    assert "Anna" not in Lens(path, RING).unmask(masked).text


def test_erasing_reaches_entries_of_older_keys(path):
    first = filled(path)
    ring = RING.rotated(NEW)
    filled(path, ring=ring)
    assert Lens(path, ring).erase(values=["anna  kovács"]) == 2
    assert "Anna" not in Lens(path, ring).unmask(first).text


def test_erasing_by_a_token_reaches_the_same_person_under_another_key(path):
    first = filled(path)
    ring = RING.rotated(NEW)
    later = filled(path, ring=ring)
    token = "NAME:" + first.split("<NAME:")[1][:16]
    assert Lens(path, ring).erase(tokens=[token]) == 2
    assert "Anna" not in Lens(path, ring).unmask(first + later).text


def test_erasing_is_refused_when_a_part_cannot_be_read(path):
    filled(path)
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        Lens(path, KeyRing(NEW)).erase(values=["Anna Kovács"])
    assert caught.value.code == "CF-1936"
    assert path.read_bytes() == before


def test_a_full_lens_counts_what_it_had_no_room_for(path):
    lens = Lens(path, RING, most=1)
    lens.keep(Kind.NAME, b"Anna", b"<NAME:1111111111111111>")
    lens.keep(Kind.NAME, b"Berta", b"<NAME:2222222222222222>")
    assert (lens.added, lens.full) == (1, 1)


def test_many_values_are_written_in_batches(path):
    with Lens(path, RING) as lens:
        for number in range(2000):
            lens.keep(Kind.ID, str(number).encode(), b"<ID:%016x>" % (number + 1))
    assert Lens(path, RING).facts().entries == 2000


def test_another_file_is_no_lens(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"hello")
    path.chmod(0o600)
    with pytest.raises(InputError) as caught:
        Lens(path, RING)
    assert caught.value.code == "CF-1934"


def test_a_lens_is_never_masked_as_a_log(path, tmp_path):
    filled(path)
    assert is_lens(path)
    assert is_binary(path.read_bytes()[:4096])
    with pytest.raises(NotText):
        mask_file(ReferenceEngine(load_rules(), OLD), path, target=tmp_path / "out", name="x")


def test_a_lens_that_cannot_be_written_stops_the_masking(path):
    path.parent.write_bytes(b"a file where the folder should be")
    with pytest.raises(LocalError):
        filled(path)


def test_what_the_listener_raises_ends_the_masking():
    engine = ReferenceEngine(load_rules(), OLD)

    def broken(kind: Kind, raw: bytes, token: bytes) -> None:
        raise LocalError("The lens cannot be written", happened="x", todo="y", code="CF-1937")

    engine.on_token = broken
    with pytest.raises(LocalError):
        mask_text(engine, LINE)
