"""What holds for every test: a home of its own, no log record at WARNING that nobody expected, and a main
thread that is left with its priority.

Examples of hypothesis have no time limit, as a loaded machine is no fault of the code. They are the same in
every run, so that a change is judged by itself; ``CASEFERRY_EXAMPLES=random`` (a lane that is asked for)
tries others.
"""

from __future__ import annotations

import gc
import itertools
import logging
import os
import sys
import threading
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "caseferry",
    deadline=None,
    derandomize=os.environ.get("CASEFERRY_EXAMPLES") != "random",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("caseferry")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are made and none of them is garbage: nothing looks through them time and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


_homes = itertools.count()


class _Stray(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class ExpectedLogs:
    """Names the loggers whose warnings this test causes on purpose."""

    def __init__(self) -> None:
        self.prefixes: list[str] = []

    def __call__(self, prefix: str) -> None:
        self.prefixes.append(prefix)


@pytest.fixture
def expected_logs() -> ExpectedLogs:
    """Call it with a logger's name: ``expected_logs("agent.watch")``."""
    return ExpectedLogs()


@pytest.fixture(autouse=True)
def _no_stray_warning(expected_logs: ExpectedLogs) -> Iterator[None]:
    handler = _Stray()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    stray = [r for r in handler.records if not r.name.startswith(tuple(expected_logs.prefixes) or ("\0",))]
    assert not stray, f"unexpected log: {stray[0].name}: {stray[0].getMessage()}"


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that no other test has. The folder itself is not made: most tests have no use for one."""
    homes = tmp_path_factory.getbasetemp() / "homes"
    homes.mkdir(exist_ok=True)
    monkeypatch.setenv("CASEFERRY_HOME", str(homes / str(next(_homes))))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _same_priority() -> Iterator[None]:
    """Work for the background that is done in the main thread would slow every test after it."""
    before = _priority()
    yield
    assert _priority() == before, "the main thread has lost its priority: run this work in a thread"


def _priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) if sys.platform == "linux" else 0
