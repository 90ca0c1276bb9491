"""Ctrl+C and SIGTERM while something is sent."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from app.commands import program
from app.commands.stopping import Terminated, stopped_by_signals
from app.transfer import Control, Stopped
from app.transfer.control import Wish

LONG = 60.0


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """As in a terminal, whatever the tests themselves were started from; put back at the end."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send_until(control: Control, *signals: signal.Signals, apart: float = 1.0) -> list[Wish]:
    """As `send`, to which these signals come, so many seconds apart: it ends in its own time."""
    seen, now = [], 1000.0
    with stopped_by_signals(control.stop, monotonic=lambda: now):
        for number in signals:
            signal.raise_signal(number)
            now += apart
            seen.append(control.wish)
        if control.wait_for_change(Wish.GO, seconds=LONG) is Wish.STOP:
            raise Stopped
    return seen


@pytest.mark.parametrize(
    ("number", "ended"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)]
)
def test_the_transfer_is_asked_to_stop_and_is_not_broken_off(
    number: signal.Signals, ended: type[BaseException]
) -> None:
    control = Control()
    with pytest.raises(ended) as caught:
        send_until(control, number)
    assert (caught.type, control.wish, type(caught.value.__context__)) == (ended, Wish.STOP, Stopped)


def test_who_asks_twice_does_not_wait() -> None:
    never = Control()
    never.stop = lambda: None  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt) as caught:
        send_until(never, signal.SIGINT, signal.SIGTERM)
    assert caught.value.__context__ is None


def test_a_signal_that_a_wrapper_forwards_at_once_is_the_same_one() -> None:
    control = Control()
    with pytest.raises(KeyboardInterrupt) as caught:
        send_until(control, signal.SIGINT, signal.SIGINT, signal.SIGTERM, apart=0.2)
    assert type(caught.value.__context__) is Stopped  # it ended in its own time, and was not broken off


def test_what_is_ignored_stays_so_and_sigterm_is_obeyed() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pytest.raises(Terminated):
        send_until(Control(), signal.SIGINT, signal.SIGINT, signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_what_ends_without_a_signal_is_not_touched() -> None:
    with stopped_by_signals(lambda: pytest.fail("nobody asked")) as signals:
        signals.heed()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize(("ended", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_the_exit_code_says_which_signal_it_was(
    ended: type[BaseException], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def verb(_words: list[str]) -> None:
        raise ended

    monkeypatch.setattr("app.commands.verbs.application", lambda _screen, _words: verb)
    assert program.main(["send"]) == code
    assert "the same command goes on" in capsys.readouterr().err
