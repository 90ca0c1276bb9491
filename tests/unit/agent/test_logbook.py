"""The agent's own log: it rotates, is for its owner only, and every file of it is masked."""

from __future__ import annotations

import logging
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import agent.service.logbook
from agent.service.logbook import defects_in_threads, open_logbook
from tests.conftest import ExpectedLogs

CALLER = "+4930901820417"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An open logbook whose files end after 500 bytes."""
    monkeypatch.setattr(agent.service.logbook, "_BYTES", 500)
    before = {name: logging.getLogger(name).level for name in ("", "agent", "app")}
    handler = open_logbook(tmp_path / "log")
    try:
        yield tmp_path / "log"
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def test_it_rotates_and_never_takes_more_than_six_files(folder: Path) -> None:
    for number in range(100):
        logging.getLogger("agent.test").info("job %d: rule sip claims 3 segments", number)
    files = list(folder.iterdir())
    assert len(files) == 6
    assert max(path.stat().st_size for path in files) <= 500
    assert "job 99:" in (folder / "agent.log").read_text(encoding="utf-8")


def test_every_file_is_for_its_owner_only(folder: Path) -> None:
    for number in range(25):
        logging.getLogger("agent.test").info("job %d: rule sip claims 3 segments", number)
    files = list(folder.iterdir())
    assert len(files) > 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_every_file_is_masked(folder: Path) -> None:
    for number in range(15):
        logging.getLogger("agent.test").info("record %d: a call from %s", number, CALLER)
    text = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert "record 14: a call from <TEL:" in text
    assert CALLER not in text


def test_libraries_are_heard_from_warning_on(folder: Path) -> None:
    logging.getLogger("urllib3.connectionpool").info("GET /v1/rpc Authorization: Bearer abc")
    logging.getLogger("uvicorn.error").info("a request")
    assert (folder / "agent.log").read_text(encoding="utf-8") == ""


def test_what_ends_a_thread_is_a_record_without_the_words_of_the_error(
    folder: Path, capsys: pytest.CaptureFixture[str], expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.service.logbook")
    with defects_in_threads():
        thread = threading.Thread(target=lambda: int(CALLER + "x"), name="upkeep")
        thread.start()
        thread.join()
    written = (folder / "agent.log").read_text(encoding="utf-8")
    assert "upkeep has ended by a defect" in written
    assert "ValueError" in written
    assert (CALLER in written, capsys.readouterr().err) == (False, "")
