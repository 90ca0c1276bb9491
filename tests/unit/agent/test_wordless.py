"""What is said of a defect, wherever it is said, never holds the error's own text."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agent.service.units.windows import told_when_it_cannot
from app.domain.errors import LocalError
from tests.conftest import ExpectedLogs

WORD = "Erika Musterfrau"
UNHEARD = f"""
import logging
from agent.service.wordless import no_texts_of_errors

no_texts_of_errors()
class Falls:
    def __del__(self):
        raise ValueError("{WORD}")
try:
    raise ValueError("{WORD}")
except ValueError:
    logging.getLogger("agent").exception("defect 1")
Falls()
"""


def test_without_a_log_the_standard_error_stream_has_the_kind_of_a_defect_and_not_its_text() -> None:
    done = subprocess.run([sys.executable, "-c", UNHEARD], capture_output=True, text=True, check=True)
    assert done.stderr.count("ValueError") == 2
    assert WORD not in done.stderr


def test_a_service_of_windows_that_cannot_run_tells_the_system_why_and_is_started_anew() -> None:
    told: list[str] = []

    def run() -> bool:
        raise LocalError("It is wrong", happened="Line 3.", todo="Correct it.", code="CF-1803")

    assert told_when_it_cannot(run, tell=told.append)
    assert told == ["It is wrong\nLine 3.\nCorrect it. (CF-1803)"]


def test_of_a_defect_the_system_is_told_the_reference_only(expected_logs: ExpectedLogs) -> None:
    expected_logs("agent.service.units.windows")
    told: list[str] = []

    def run() -> bool:
        raise ValueError(WORD)

    assert told_when_it_cannot(run, tell=told.append)
    assert len(told) == 1
    assert WORD not in told[0]


@pytest.mark.parametrize("anew", [True, False])
def test_a_service_that_ends_by_itself_says_whether_it_begins_anew(anew: bool) -> None:
    assert told_when_it_cannot(lambda: anew, tell=pytest.fail) is anew
