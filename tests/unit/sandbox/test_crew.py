"""A crew runs a job or refuses it, never both."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from app.sandbox.crew import Crew


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(2) as crew:
        yield crew


def _no_thread(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_job_without_a_thread_is_never_run(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", _no_thread)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            crew.submit(ran.append, "refused")
    crew.submit(ran.append, "taken").result()
    crew.submit(ran.append, "last").result()
    assert ran == ["taken", "last"]


def test_a_job_that_has_begun_is_not_refused(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, free, release = threading.Event(), threading.Event(), threading.Event()
    # The only thread, busy until the next job is queued.
    crew.submit(free.wait)

    def no_thread(_thread: threading.Thread) -> None:
        free.set()
        begun.wait()
        raise RuntimeError("can't start new thread")

    def job() -> str:
        begun.set()
        release.wait()
        return "done"

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        try:
            taken = crew.submit(job)
        finally:
            release.set()
    assert taken.result() == "done"


def test_what_a_job_raises_is_its_future_s(crew: Crew) -> None:
    def fail() -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        crew.submit(fail).result()


def test_a_job_that_has_not_begun_may_be_cancelled(crew: Crew) -> None:
    release = threading.Event()
    ran: list[str] = []
    for _thread in range(2):
        crew.submit(release.wait)
    waiting = crew.submit(ran.append, "cancelled")
    assert waiting.cancel()
    release.set()
    crew.shutdown()
    assert ran == []


def test_jobs_that_were_taken_are_not_dropped(crew: Crew) -> None:
    with pytest.raises(ValueError, match="runs what it took"):
        crew.shutdown(cancel_futures=True)
