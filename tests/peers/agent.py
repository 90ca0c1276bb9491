"""The real agent as a process, and a registered one that ships to a real portal."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import tomlkit

import app
from app.agentlink import AgentClient, Endpoint, Job, JobsAsk, JobState, read_endpoint
from app.domain.errors import RefusedError

ROOT = Path(app.__file__).parent.parent
_START_S = 120.0
_STOP_S = 60.0
PATIENCE_S = 120.0
"""How long a machine that does much else may need for what takes a second."""
T = TypeVar("T")


class AgentProcess:
    """``with AgentProcess(config) as agent``: ``caseferry-agent run`` with this configuration file.

    Attributes:
        endpoint: path of its ``endpoint.json``.
        client: calls it; made anew at every start.
    """

    def __init__(
        self, config: Path, *, prefix: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> None:
        self.config = config
        self._command = [*prefix, sys.executable, "-m", "agent.service", "run", "--config", str(config)]
        self._env = dict(env or {})
        self.process: subprocess.Popen[str] | None = None
        self.endpoint = Path()
        self._client: AgentClient | None = None

    def __enter__(self) -> AgentProcess:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **self._env},
            )
        line = _first_line(self.process)
        assert line, f"the agent ended: {self.errors.read_text(encoding='utf-8')}"
        ready = json.loads(line)
        assert ready["event"] == "ready"
        self.endpoint = Path(ready["endpoint"])
        self._client = AgentClient(read_endpoint(self.endpoint))

    @property
    def client(self) -> AgentClient:
        assert self._client is not None
        return self._client

    def adopt(self, endpoint: Endpoint) -> None:
        """It has begun anew by itself: call it there."""
        if self._client is not None:
            self._client.close()
        self._client = AgentClient(endpoint)

    @property
    def errors(self) -> Path:
        """What it wrote on standard error."""
        return self.config.with_suffix(".err")

    def stop(self) -> int:
        """End it gracefully; the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it as a power cut would."""
        return self._end(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        if self._client is not None:
            self._client.close()
            self._client = None
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            if process.stdout is not None:
                process.stdout.close()
        return process.returncode

    def jobs(self) -> list[Job]:
        return self.client.jobs(JobsAsk(limit=500)).jobs

    def wait_for(self, what: Callable[[], T | None], *, seconds: float = PATIENCE_S) -> T:
        """Ask after every event until the answer is not None (or false)."""
        return wait_for(what, seconds=seconds, between=self._pause)

    def wait_for_states(self, *states: JobState, count: int = 1, seconds: float = PATIENCE_S) -> list[Job]:
        """Until at least so many jobs are in one of these states; those."""

        def found() -> list[Job] | None:
            jobs = [job for job in self.jobs() if job.state in states]
            return jobs if len(jobs) >= count else None

        try:
            return self.wait_for(found, seconds=seconds)
        except AssertionError:
            shown = [(job.state.value, job.problem) for job in self.jobs()]
            raise AssertionError(f"no {count} jobs in {states}, but {shown}") from None

    def retry_what_stands(self) -> None:
        """As a person would; what has gone on by itself meanwhile needs it no more."""
        for job in self.jobs():
            if job.state in (JobState.WAITING, JobState.FAILED):
                with contextlib.suppress(RefusedError):
                    self.client.retry(job.id)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """The process stands still for the block: what happens there, it sees at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def wait_until_shipped(
        self, files: int, *, retrying: bool = False, seconds: float = PATIENCE_S
    ) -> list[Job]:
        """Until verified jobs have carried so many files; those jobs.

        Args:
            files: how many.
            retrying: what waits or has failed is tried again at once.
            seconds: until it counts as never.
        """

        def found() -> list[Job] | None:
            if retrying:
                self.retry_what_stands()
            jobs = [job for job in self.jobs() if job.state is JobState.VERIFIED]
            carried = sum(file.state == "masked" for job in jobs for file in job.files)
            return jobs if carried >= files else None

        return self.wait_for(found, seconds=seconds)

    def _pause(self, since: list[int]) -> None:
        events = self.client.events(since[0], timeout=0.5)
        since[0] = events.last


def wait_for(
    what: Callable[[], T | None],
    *,
    seconds: float = PATIENCE_S,
    between: Callable[[list[int]], None] | None = None,
) -> T:
    """Ask until the answer is not None (or false), with a deadline."""
    deadline = time.monotonic() + seconds
    condition = threading.Event()
    since = [0]
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen in time"
        if between is None:
            condition.wait(0.05)
        else:
            between(since)


def write_config(
    folder: Path,
    *,
    url: str = "https://127.0.0.1:9",
    ca_file: Path | None = None,
    client_id: str = "agent-of-a-test",
    client_secret: str = "not a secret",
    rules: Iterable[Mapping[str, object]] = (),
    agent: Mapping[str, object] | None = None,
    masking: Mapping[str, object] | None = None,
    bundle: Mapping[str, object] | None = None,
    jobs: Mapping[str, object] | None = None,
    requests: Mapping[str, object] | None = None,
    request_rules: Iterable[Mapping[str, object]] = (),
) -> Path:
    """``agent.toml`` in this folder, the data folder ``data`` beside it: with quick times, and no rests."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "client-secret"
    secret.write_text(client_secret, encoding="utf-8")
    secret.chmod(0o600)
    document: dict[str, object] = {
        "agent": {"data": "data", "host": "sip-a01", "quiet": "300ms", "scan": "500ms", **(agent or {})},
        "portal": {
            "url": url,
            "client_id": client_id,
            "client_secret_file": secret.name,
            **({"ca_file": str(ca_file)} if ca_file else {}),
        },
        "jobs": {"nice": False, "cpu": 0, "busy": 0, **(jobs or {})},
        "rule": [dict(rule) for rule in rules],
    }
    if masking:
        document["masking"] = dict(masking)
    if bundle:
        document["bundle"] = dict(bundle)
    if requests:
        document["requests"] = dict(requests)
        document["request_rule"] = [dict(rule) for rule in request_rules]
    path = folder / "agent.toml"
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path


def rule(
    *folders: Path, case: str, name: str = "all", applications: Sequence[str] = (), when: str = "closed"
) -> dict[str, object]:
    """A ``[[rule]]`` that ships by HTTPS."""
    return {
        "name": name,
        "folders": [str(folder) for folder in folders],
        "applications": list(applications),
        "case": case,
        "when": when,
    }


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()
    stream = process.stdout
    assert stream is not None
    reader = threading.Thread(target=lambda: lines.put(stream.readline()), daemon=True)
    reader.start()
    try:
        return lines.get(timeout=_START_S)
    except queue.Empty:
        process.kill()
        raise AssertionError("the agent did not get ready") from None


class Site:
    """A folder where a made-up application logs, every line known and each with a telephone number.

    Attributes:
        written: every line that is in a closed segment.
    """

    def __init__(self, folder: Path, *, application: str = "sips_a") -> None:
        self.folder = folder
        self.application = application
        self.written: list[str] = []
        self._number = 0
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def live(self) -> Path:
        return self.folder / f"{self.application}.log"

    def lines(self, count: int) -> list[str]:
        """So many lines that nobody wrote before, without the number that masking takes away."""
        self._number += 1
        return [f"part {self.application} s{self._number}x row r{row}x end" for row in range(count)]

    def append(self, lines: Sequence[str]) -> None:
        """Write to the live file."""
        with self.live.open("a", encoding="utf-8", newline="\n") as stream:
            for row, line in enumerate(lines):
                stream.write(
                    f"10:15:{row % 60:02d}.118 Std 05060 {line}\n\tAttributeANI\t'{telephone(row)}'\n"
                )

    def rotate_by_rename(self, count: int = 20) -> None:
        """Write a segment and rename it away, the older ones one further."""
        lines = self.lines(count)
        self.append(lines)
        for number in range(50, 0, -1):
            older = self.folder / f"{self.live.name}.{number}"
            if older.exists():
                older.rename(self.folder / f"{self.live.name}.{number + 1}")
        self.live.rename(self.folder / f"{self.live.name}.1")
        self.live.touch()
        self.written += lines


def telephone(row: int) -> str:
    """A made-up number that must never leave the machine."""
    return f"+4930901820{row % 100:02d}7"
