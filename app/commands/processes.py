"""Verbs that are other programs: the portal runs as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import app


def run_portal(arguments: list[str]) -> int:
    """Become the built-in portal (``python -m app.sandbox``); its exit code.

    On POSIX the process is replaced, so that signals reach the portal itself.
    """
    command = [sys.executable, "-m", "app.sandbox", *arguments]
    environment = {**os.environ, "PYTHONPATH": _search_path()}
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execve(sys.executable, command, environment)  # noqa: S606 - our own interpreter, no shell
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


def _search_path() -> str:
    """Where this very product lies, first, so that the process finds the same one from any folder."""
    home = str(Path(app.__file__).parent.parent)
    rest = os.environ.get("PYTHONPATH", "")
    return f"{home}{os.pathsep}{rest}" if rest else home
