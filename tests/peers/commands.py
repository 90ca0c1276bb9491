"""``caseferry`` as people run it: in this process or one of its own, with a home and a sign-in."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest
import requests

from app.commands import main
from app.portal import PersonTokens, PortalClient
from app.secrets import open_user_vault
from app.settings import Trust
from tests.peers.portal import ROOT, PortalProcess, PortalSession, fill_sign_in

COMMAND = [sys.executable, "-c", "import sys; from app.commands import main; sys.exit(main())"]


def fresh(folder: Path, portal: PortalProcess | None = None) -> dict[str, str]:
    environment = {
        **os.environ,
        "CASEFERRY_HOME": str(folder),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "BROWSER": "true" if os.name == "posix" else "",
        "PYTHONPATH": str(ROOT),
    }
    if portal is not None:
        environment |= {"CASEFERRY_PORTAL": portal.url, "CASEFERRY_CA": str(portal.ca_file)}
    return environment


def run(environment: dict[str, str], *arguments: object, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The command in this process: the same border, without the time that starting Python takes."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CASEFERRY_PORTAL", "CASEFERRY_CA"):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.StringIO(typed))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        code = main([str(argument) for argument in arguments])
    for handler in list(logging.getLogger().handlers):
        if isinstance(handler, RotatingFileHandler):
            logging.getLogger().removeHandler(handler)
            handler.close()
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def run_process(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


@contextmanager
def heard_by_children(number: signal.Signals) -> Iterator[None]:
    """What a shell runs in the background ignores Ctrl+C, and so would all that it starts."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def stopped_while_it_moves(
    environment: dict[str, str], number: signal.Signals, *arguments: object
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, to which the signal comes once some bytes have moved."""
    words = [*COMMAND, *map(str, arguments), "--progress", "lines"]
    with (
        heard_by_children(signal.SIGINT),
        subprocess.Popen(
            words,
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        while (line := process.stderr.readline()) and '"done": 0,' in line:
            assert process.poll() is None
        assert '"done"' in line, line
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def sign_in(portal: PortalProcess, environment: dict[str, str], name: str = "Nadia") -> str:
    person = portal.person(name)
    with subprocess.Popen(
        [*COMMAND, "sign-in"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with PortalSession(portal) as browser:
            target = fill_sign_in(browser, address, email=person.email, password=person.password)
        requests.get(target, timeout=60)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def client_of(portal: PortalProcess, environment: dict[str, str]) -> PortalClient:
    store = open_user_vault(Path(environment["CASEFERRY_HOME"]) / "data")
    trust = Trust(portal.ca_file)
    return PortalClient(portal.url, trust=trust, tokens=PersonTokens(portal.url, trust=trust, store=store))
