"""The ways to and from one sshd that are compared: OpenSSH's `sftp`, `rclone`, `lftp`, and ours."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.domain.files import SealedBundle
from app.transfer import (
    Journal,
    RemoteFile,
    SftpDestination,
    SftpLogin,
    SftpServer,
    fetch_over_sftp,
    send,
)
from app.transfer.login import HostKey
from tests.bench.lanes import Lane

GCM = ("-c", "aes128-gcm@openssh.com")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Ratios that are wanted of ours; 0 for none."""

    sftp: float
    gcm: float = 0.0
    rclone: float = 0.0
    most_cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Shore:
    """An sshd, and a file that goes there and comes back.

    Attributes:
        store: the folder that signing in leads to; it lies on this machine.
        folder: for what the ways need and what they fetch.
    """

    host: str
    port: int
    user: str
    key_file: Path
    host_key: str
    store: Path
    folder: Path
    bundle: SealedBundle
    journal: Journal

    def up(
        self, wanted: Wanted, *, ciphers: bool = True, lftp: bool = True, rclone: bool = True
    ) -> Iterator[Lane]:
        """The ways there."""
        yield from self._peers("put", ciphers=ciphers, lftp=lftp, rclone=rclone)
        beside = {"sftp put": wanted.sftp, "sftp put aes128-gcm": wanted.gcm, "rclone put": wanted.rclone}
        yield Lane("ours, SFTP put", self._ours_up, self._sweep, beside, wanted.most_cpu)

    def down(self, wanted: Wanted, *, ciphers: bool = True, lftp: bool = True) -> Iterator[Lane]:
        """The ways back."""
        yield from self._peers("get", ciphers=ciphers, lftp=lftp)
        beside = {"sftp get": wanted.sftp, "sftp get aes128-gcm": wanted.gcm, "rclone get": wanted.rclone}
        yield Lane("ours, SFTP get with SHA-256", self._ours_down, self._sweep, beside, wanted.most_cpu)

    def _peers(self, verb: str, *, ciphers: bool, lftp: bool, rclone: bool = True) -> Iterator[Lane]:
        if shutil.which("sftp"):
            yield Lane(f"sftp {verb}", partial(self._sftp, verb), self._sweep)
            if ciphers:
                yield Lane(f"sftp {verb} aes128-gcm", partial(self._sftp, verb, *GCM), self._sweep)
        if rclone and shutil.which("rclone"):
            yield Lane(f"rclone {verb}", partial(self._rclone, verb), self._sweep)
        if lftp and shutil.which("lftp"):
            yield Lane(f"lftp {verb}", partial(self._lftp, verb), self._sweep)

    def _ours_up(self) -> None:
        login = SftpLogin(user=self.user, key_file=self.key_file)
        there = SftpDestination(self.host, self.port, login=login, host_key=self.host_key)
        send(self.journal, self.bundle, there, key=uuid.uuid4().hex)

    def _ours_down(self) -> None:
        login = SftpLogin(user=self.user, key_file=self.key_file)
        server = SftpServer(self.host, self.port, login=login, host_key=HostKey.parse(self.host_key))
        wanted = RemoteFile(peer=server.peer, path=str(self.bundle.path), sha256=self.bundle.sha256)
        fetch_over_sftp(wanted, target=self._fetched, connect=server.open)

    @property
    def _fetched(self) -> Path:
        return self.folder / "fetched" / "logs.zip"

    def _known_hosts(self) -> Path:
        known = self.folder / "known_hosts"
        known.write_text(f"[{self.host}]:{self.port} {self.host_key}\n", encoding="utf-8")
        return known

    def _ssh_options(self) -> list[str]:
        return [
            *("-i", str(self.key_file)),
            *("-o", f"UserKnownHostsFile={self._known_hosts()}"),
            *("-o", "StrictHostKeyChecking=yes"),
        ]

    def _sftp(self, verb: str, *options: str) -> None:
        target = self._fetched if verb == "get" else "logs.zip"
        command = ["sftp", "-q", "-b", "-", "-P", str(self.port), *options, *self._ssh_options()]
        self._run([*command, f"{self.user}@{self.host}"], f"{verb} {self.bundle.path} {target}\n")

    def _rclone(self, verb: str) -> None:
        places = [str(self.bundle.path), ":sftp:logs.zip"]
        if verb == "get":
            places = [f":sftp:{self.bundle.path}", str(self._fetched)]
        place = ["--sftp-host", self.host, "--sftp-port", str(self.port), "--sftp-user", self.user]
        key = ["--sftp-key-file", str(self.key_file), "--sftp-known-hosts-file", str(self._known_hosts())]
        self._run(["rclone", "--config", "", "copyto", *places, *place, *key])

    def _lftp(self, verb: str) -> None:
        ssh = shlex.join(["ssh", "-a", "-x", *self._ssh_options()])
        target = self._fetched if verb == "get" else "logs.zip"
        source = self.bundle.path if verb == "put" else f"//{self.bundle.path}"
        words = f'set sftp:connect-program "{ssh}"; {verb} {source} -o {target}; bye'
        self._run(["lftp", "-u", f"{self.user},none", "-e", words, f"sftp://{self.host}:{self.port}"])

    def _run(self, command: list[str], script: str = "") -> None:
        self._fetched.parent.mkdir(exist_ok=True)
        environment = {**os.environ, "HOME": str(self.folder)}
        done = subprocess.run(
            command,
            input=script,
            text=True,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
        )
        arrived = [*self.store.iterdir(), *self._fetched.parent.iterdir()]
        if done.returncode or [path.stat().st_size for path in arrived] != [self.bundle.size]:
            raise RuntimeError(f"{command[0]} moved no whole file: {done.stderr[-500:]}")

    def _sweep(self) -> None:
        for folder in (self.store, self._fetched.parent):
            if folder.exists():
                for path in folder.iterdir():
                    path.unlink()
