"""Leaving the GUI thread and coming back."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import shiboken6
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.errors import CaseferryError, Defect, InputError
from tests.conftest import ExpectedLogs
from ui.tasks import Latest, Stream, Task, open_tasks

WRONG = InputError("Wrong", happened="It is wrong.", todo="Mend it.")


def fail_with(error: BaseException) -> None:
    raise error


def test_the_work_is_done_elsewhere_and_the_result_comes_back_to_the_gui_thread(
    qtbot: QtBot, qapp: QApplication
) -> None:
    threads: list[QThread] = []
    owner = QObject()
    Task.run(QThread.currentThread, owner=owner).on_done(
        lambda worker: threads.extend([worker, QThread.currentThread()])
    )
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] is not qapp.thread()
    assert threads[1] is qapp.thread()


def test_an_error_for_people_arrives_as_it_is(qtbot: QtBot) -> None:
    errors: list[CaseferryError] = []
    owner = QObject()
    Task.run(fail_with, WRONG, owner=owner).on_error(errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert errors == [WRONG]


def test_any_other_error_becomes_a_defect_whose_reference_is_in_the_log(
    qtbot: QtBot, expected_logs: ExpectedLogs
) -> None:
    expected_logs("ui.tasks")
    errors: list[CaseferryError] = []
    owner = QObject()
    Task.run(fail_with, ValueError("boom"), owner=owner).on_error(errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], Defect)


def test_callbacks_are_dropped_when_the_owner_dies_first(qtbot: QtBot) -> None:
    go, seen = threading.Event(), []
    owner = QObject()
    Task.run(go.wait, 120, owner=owner).on_done(seen.append)
    shiboken6.delete(owner)
    go.set()
    qtbot.waitUntil(lambda: open_tasks() == 0)
    assert seen == []


def test_an_older_answer_never_overwrites_a_newer_one(qtbot: QtBot) -> None:
    go, seen = threading.Event(), []
    owner = QObject()
    latest = Latest(owner)
    latest.run(go.wait, 120).on_done(lambda _old: seen.append("old"))
    latest.run(str, "new").on_done(seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    go.set()
    qtbot.waitUntil(lambda: open_tasks() == 0)
    assert seen == ["new"]


def test_a_stream_hands_out_what_came_within_the_interval_at_once(qtbot: QtBot) -> None:
    done = threading.Event()

    def source() -> Iterator[int]:
        yield from range(50)
        done.wait(120)

    owner = QObject()
    batches: list[list[int]] = []
    stream: Stream[int] = Stream(source, interval_ms=200, parent=owner)
    stream.batch.connect(batches.append)
    stream.start()
    qtbot.waitUntil(lambda: sum(len(batch) for batch in batches) == 50)
    stream.stop()
    done.set()
    assert len(batches) < 10


def test_a_stream_opens_its_source_again_after_an_error(qtbot: QtBot) -> None:
    opened: list[int] = []

    def source() -> Iterator[int]:
        opened.append(1)
        if len(opened) == 1:
            raise WRONG
        yield 7

    owner = QObject()
    errors: list[CaseferryError] = []
    batches: list[list[int]] = []
    stream: Stream[int] = Stream(source, interval_ms=1, parent=owner)
    stream.failed.connect(errors.append)
    stream.batch.connect(batches.append)
    stream.start()
    qtbot.waitUntil(lambda: bool(batches), timeout=10_000)
    stream.stop()
    assert errors == [WRONG]
    assert batches[0][0] == 7


def test_what_the_thread_of_a_stream_held_is_let_go_in_the_gui_thread(qapp: QApplication) -> None:
    class Source:
        def __call__(self) -> Iterator[int]:
            opened.set()
            ended.wait(120)
            return iter(())

    opened, ended, before = threading.Event(), threading.Event(), set(threading.enumerate())
    let_go: list[threading.Thread] = []
    owner = QObject()
    source = Source()
    weakref.finalize(source, lambda: let_go.append(threading.current_thread()))
    stream: Stream[int] = Stream(source, parent=owner)
    stream.start()
    assert opened.wait(120)
    (thread,) = (each for each in threading.enumerate() if each.name == "stream" and each not in before)
    stream.stop()
    del stream, source
    shiboken6.delete(owner)
    gc.collect()
    ended.set()
    thread.join(120)
    assert let_go == []
    other = QObject()
    Stream(iter, parent=other)  # type: ignore[arg-type]  # it is never started
    assert let_go == [threading.main_thread()]
