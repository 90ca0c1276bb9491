"""Real SFTP clients for one temporary account: OpenSSH sftp, PuTTY psftp, paramiko."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko

from app.domain.files import FileCheck
from app.portal.contract import CaseFile
from tests.peers.portal import PortalProcess
from tests.peers.portal_records import Login, Records

CASE = "0003256109"


@dataclass(frozen=True)
class Clients:
    """Real clients for one account; everything runs in a folder of its own."""

    portal: PortalProcess
    records: Records
    login: Login
    folder: Path

    def host_key(self) -> paramiko.Ed25519Key:
        return paramiko.Ed25519Key.from_private_key_file(str(self.portal.data / "keys" / "sftp_host_ed25519"))

    def openssh(self, batch: str, *, password: str | None = None) -> subprocess.CompletedProcess[str]:
        ask = self.folder / "ask"
        ask.write_text(f"#!/bin/sh\necho {password or self.login.password}\n")
        ask.chmod(0o700)
        known = self.folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{self.portal.sftp_port} ssh-ed25519 {self.host_key().get_base64()}\n")
        options = {
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(known),
            "PreferredAuthentications": "password",
            "NumberOfPasswordPrompts": "1",
            "BatchMode": "no",
        }
        command = ["sftp", *(f"-o{name}={value}" for name, value in options.items())]
        command += ["-P", str(self.portal.sftp_port), "-b", "-", f"{self.login.user}@127.0.0.1"]
        env = {**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
        return self._run(command, batch, env)

    def putty(self, batch: str, *, password: str | None = None) -> subprocess.CompletedProcess[str]:
        script = self.folder / "psftp.txt"
        script.write_text(batch)
        # PuTTY names a host key by the SHA-256 of its blob, as OpenSSH does.
        fingerprint = self.host_key().fingerprint
        command = ["psftp", "-batch", "-pw", password or self.login.password, "-hostkey", fingerprint]
        command += [
            "-P",
            str(self.portal.sftp_port),
            "-b",
            str(script),
            "-bc",
            f"{self.login.user}@127.0.0.1",
        ]
        return self._run(command, "", {**os.environ, "HOME": str(self.folder)})

    @contextmanager
    def paramiko(self) -> Iterator[paramiko.SFTPClient]:
        with paramiko.Transport(("127.0.0.1", self.portal.sftp_port or 0)) as transport:
            transport.connect(self.host_key(), self.login.user, self.login.password)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            yield client

    def write(self, name: str, content: bytes, *, announced: bytes | None = None) -> None:
        (self.folder / name).write_bytes(content)
        digest = hashlib.sha256(content if announced is None else announced).hexdigest()
        (self.folder / f"{name}.sha256").write_text(f"{digest}  {name}\n")

    def put(self, name: str, content: bytes, *, announced: bytes | None = None) -> None:
        """Write it, and send it and then its companion."""
        self.write(name, content, announced=announced)
        self.openssh(f"put {name}\nput {name}.sha256\n")

    def case_file(self, name: str, check: FileCheck) -> CaseFile:
        """The one file of this name, once its check says this."""
        found: list[CaseFile] = []

        def there() -> bool:
            found[:] = self.records.files(CASE, name)
            return any(file.check is check for file in found)

        until(there, what=lambda: str(found))
        assert len(found) == 1
        return found[0]

    def waiting(self, name: str) -> Path:
        return self.portal.data / "cases" / CASE / "sftp" / name

    def _run(self, command: list[str], batch: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=batch,
            env=env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def cut_off(client: paramiko.SFTPClient) -> None:
    """Its connection breaks."""
    channel = client.get_channel()
    assert channel is not None
    channel.get_transport().close()


def until(condition: Callable[[], bool], *, what: Callable[[], str] = str, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"it did not come about in time: {what()}"
        pause.wait(0.05)
