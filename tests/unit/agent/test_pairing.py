from __future__ import annotations

import secrets
import stat
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import agent.api.paired
import agent.api.pairing
from agent.api.paired import PAIRED_FILE, PairedBook
from agent.api.pairing import LIFE, TRIES, Pairing
from app.agentlink import PairBegin, PairFinish, PairFinished, Role, read_code, shown_code
from app.agentlink.pairing import (
    CODE_LETTERS,
    Transcript,
    check_agent,
    new_code,
    program_proof,
    stretched,
)
from app.domain.errors import CredentialsError, InputError, LocalError, RefusedError, TrustError
from tests.conftest import ExpectedLogs

CODE = "7KQ2M9XD"
FINGERPRINT = "ab" * 32


@dataclass
class Clock:
    now: datetime = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stretching has a test of its own; here it need not take long."""
    monkeypatch.setattr("app.agentlink.pairing._SCRYPT_N", 2)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path) -> PairedBook:
    return PairedBook(tmp_path / PAIRED_FILE)


@pytest.fixture
def pairing(book: PairedBook, clock: Clock) -> Pairing:
    return Pairing(book, certificate_sha256=FINGERPRINT, instance="i1", wall=clock, code=lambda: CODE)


def attempt(
    pairing: Pairing, code: str = CODE, *, sees: str = FINGERPRINT, name: str = "desk-7"
) -> PairFinished:
    """What a program does that sees this certificate and was told this code."""
    nonce = secrets.token_hex(16)
    begun = pairing.begin(PairBegin(nonce))
    seen = Transcript(sees, nonce, begun.nonce)
    key = stretched(code, seen)
    finished = pairing.finish(PairFinish(begun.nonce, name, program_proof(key, seen, name=name)))
    check_agent(finished, key, seen)
    return finished


def test_who_knows_the_code_gets_a_token_of_the_chosen_role(pairing: Pairing, book: PairedBook) -> None:
    pairing.open(Role.VIEWER)
    token = attempt(pairing).token
    caller = book.caller(token)
    assert caller is not None
    assert (caller.role, caller.paired) == (Role.VIEWER, True)
    assert [(each.name, each.role) for each in book.programs()] == [("desk-7", Role.VIEWER)]


def test_a_name_cannot_write_over_what_a_terminal_shows(pairing: Pairing, book: PairedBook) -> None:
    pairing.open(Role.VIEWER)
    attempt(pairing, name="desk\x1b[2J\r-7")
    assert [each.name for each in book.programs()] == ["desk[2J-7"]


def test_a_code_is_good_once(pairing: Pairing) -> None:
    pairing.open(Role.OPERATOR)
    attempt(pairing)
    with pytest.raises(RefusedError) as over:
        attempt(pairing)
    assert over.value.code == "CF-1281"


def test_a_code_ends_after_ten_minutes(pairing: Pairing, clock: Clock) -> None:
    _, expires = pairing.open(Role.OPERATOR)
    assert expires - clock.now == LIFE == timedelta(minutes=10)
    clock.now = expires
    assert not pairing.is_open
    with pytest.raises(RefusedError):
        attempt(pairing)


def test_five_wrong_tries_end_the_code(pairing: Pairing, book: PairedBook) -> None:
    pairing.open(Role.OPERATOR)
    for _ in range(TRIES):
        with pytest.raises(CredentialsError) as wrong:
            attempt(pairing, "00000000")
        assert wrong.value.code == "CF-1389"
    assert pairing.wrong == TRIES
    with pytest.raises(RefusedError):
        attempt(pairing)
    assert book.programs() == []


def test_the_last_try_may_be_the_right_one(pairing: Pairing) -> None:
    pairing.open(Role.OPERATOR)
    for _ in range(TRIES - 1):
        with pytest.raises(CredentialsError):
            attempt(pairing, "00000000")
    assert attempt(pairing).token


def test_tries_that_began_before_the_end_do_not_count_more(pairing: Pairing) -> None:
    """Several connections at once are not more than five tries."""
    pairing.open(Role.OPERATOR)
    begun = [pairing.begin(PairBegin(secrets.token_hex(16))) for _ in range(TRIES + 2)]
    for each in begun[:TRIES]:
        with pytest.raises(CredentialsError):
            pairing.finish(PairFinish(each.nonce, "x", "00"))
    with pytest.raises(RefusedError):
        pairing.finish(PairFinish(begun[-1].nonce, "x", "00"))


def test_who_stands_between_cannot_hand_the_proof_on(pairing: Pairing, book: PairedBook) -> None:
    """The person said yes to another certificate: what the program proves does not count for the agent."""
    pairing.open(Role.ADMIN)
    with pytest.raises(CredentialsError):
        attempt(pairing, sees="cd" * 32)
    assert book.programs() == []


def test_a_token_from_whoever_does_not_know_the_code_is_not_kept() -> None:
    seen = Transcript(FINGERPRINT, "1" * 32, "2" * 32)
    made_up = PairFinished(token="t", role=Role.ADMIN, instance="i", proof="00" * 32)
    with pytest.raises(TrustError) as refused:
        check_agent(made_up, stretched(CODE, seen), seen)
    assert refused.value.code == "CF-1480"


def test_a_token_that_was_exchanged_on_the_way_is_not_kept(pairing: Pairing) -> None:
    pairing.open(Role.OPERATOR)
    nonce = secrets.token_hex(16)
    begun = pairing.begin(PairBegin(nonce))
    seen = Transcript(FINGERPRINT, nonce, begun.nonce)
    key = stretched(CODE, seen)
    done = pairing.finish(PairFinish(begun.nonce, "d", program_proof(key, seen, name="d")))
    with pytest.raises(TrustError):
        check_agent(PairFinished("other", done.role, done.instance, done.proof), key, seen)
    with pytest.raises(TrustError):
        check_agent(PairFinished(done.token, Role.ADMIN, done.instance, done.proof), key, seen)


def test_no_pairing_is_open_by_itself(pairing: Pairing) -> None:
    with pytest.raises(RefusedError):
        pairing.begin(PairBegin("0" * 32))


def test_a_new_code_ends_the_one_before(book: PairedBook, clock: Clock) -> None:
    codes = iter(["AAAAAAAA", "BBBBBBBB"])
    pairing = Pairing(
        book, certificate_sha256=FINGERPRINT, instance="i1", wall=clock, code=lambda: next(codes)
    )
    pairing.open(Role.OPERATOR)
    pairing.open(Role.OPERATOR)
    with pytest.raises(CredentialsError):
        attempt(pairing, "AAAAAAAA")
    assert attempt(pairing, "BBBBBBBB").token


@pytest.mark.parametrize("nonce", ["", "0" * 31, "G" * 32, "0" * 64])
def test_a_number_that_is_none_is_refused(pairing: Pairing, nonce: str) -> None:
    pairing.open(Role.OPERATOR)
    with pytest.raises(InputError):
        pairing.begin(PairBegin(nonce))


def test_paired_programs_are_kept_as_digests_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / PAIRED_FILE
    token = PairedBook(path).add(name="desk-7", role=Role.OPERATOR, now=Clock.now)
    assert token not in path.read_text(encoding="utf-8")
    assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PairedBook(path).caller(token) is not None


def test_who_makes_room_for_another_program_is_told(
    book: PairedBook,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    expected_logs: ExpectedLogs,
) -> None:
    expected_logs("agent.api.paired")
    monkeypatch.setattr(agent.api.paired, "MOST", 2)
    first, *others = [book.add(name=f"desk-{n}", role=Role.VIEWER, now=Clock.now) for n in (1, 2)]
    (oldest,) = [each.id for each in book.programs() if each.name == "desk-1"]
    assert book.made_room() == frozenset()
    others.append(book.add(name="desk-3", role=Role.VIEWER, now=Clock.now))
    assert (book.caller(first), all(book.caller(token) for token in others)) == (None, True)
    assert book.made_room() == {oldest}
    assert f"paired program {oldest} is let in no more" in caplog.text


def test_a_revoked_program_is_not_let_in_any_more(book: PairedBook, tmp_path: Path) -> None:
    token = book.add(name="desk-7", role=Role.OPERATOR, now=Clock.now)
    other = book.add(name="desk-8", role=Role.OPERATOR, now=Clock.now)
    book.remove(book.programs()[-1].id)
    assert (book.caller(token), book.caller(other) is None) == (None, False)
    assert PairedBook(tmp_path / PAIRED_FILE).caller(token) is None
    with pytest.raises(InputError) as gone:
        book.remove("no")
    assert gone.value.code == "CF-1179"


def test_a_damaged_list_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / PAIRED_FILE
    path.write_text('[{"id": "x"}]', encoding="utf-8")
    with pytest.raises(LocalError) as damaged:
        PairedBook(path)
    assert damaged.value.code == "CF-1882"


def test_codes_have_forty_bits_and_read_back_as_people_type_them() -> None:
    code = new_code()
    assert len(set(CODE_LETTERS)) == 32
    assert len(code) == 8
    assert read_code(f" {shown_code(code).lower()} ") == code
    assert read_code("oO1l-iL00") == "00111100"


@pytest.mark.parametrize("text", ["", "1234567", "123456789", "ABCD-EFGU", "ÄBCD-EFGH"])
def test_what_cannot_be_a_code_is_said(text: str) -> None:
    with pytest.raises(InputError) as wrong:
        read_code(text)
    assert wrong.value.code == "CF-1186"


def test_a_code_is_stretched_by_scrypt_with_its_real_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    from app.agentlink.pairing import _SCRYPT_N, _SCRYPT_R

    assert 128 * _SCRYPT_N * _SCRYPT_R == 32 * 2**20
    seen = Transcript(FINGERPRINT, "1" * 32, "2" * 32)
    assert len(stretched(CODE, seen)) == 32
    assert agent.api.pairing.stretched is stretched
