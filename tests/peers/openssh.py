"""A real OpenSSH sshd with its own configuration on a high port, for the user who runs the tests."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peers.ports import free_port


@dataclass(frozen=True, slots=True)
class OpenSsh:
    """A running server. Signing in with `key_file` leads to `folder`; every password is wrong."""

    port: int
    user: str
    key_file: Path
    host_key: str
    folder: Path


_MOST_STARTUPS = 200
"""Sign-ins under way at once. From ten on sshd drops three of ten at random, which a busy machine reaches:
what a test has given up is still being negotiated while the next one connects."""


@contextlib.contextmanager
def openssh(
    folder: Path, *, shell: bool = False, address: str = "127.0.0.1", settings: str = ""
) -> Iterator[OpenSsh]:
    """Run it; keys and stored files outlive it, so that a second run is a restart on another port.

    Args:
        folder: for everything that it has.
        shell: whether the account has one; signing in then leads to its home.
        address: where it listens, on a port of its own.
        settings: more lines of its configuration.
    """
    sshd = shutil.which("sshd") or "/usr/sbin/sshd"
    keygen = shutil.which("ssh-keygen")
    if not Path(sshd).exists() or keygen is None:
        raise RuntimeError("this test needs OpenSSH: sshd and ssh-keygen")
    store = folder / "incoming"
    store.mkdir(parents=True, exist_ok=True)
    host_key, user_key = folder / "host_ed25519", folder / "user_ed25519"
    for path in (host_key, user_key):
        if not path.exists():
            command = [keygen, "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    shutil.copy(user_key.with_suffix(".pub"), folder / "authorized_keys")
    if os.geteuid() == 0:
        # Debian makes it in the service's unit; sshd refuses to start without it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = free_port(address)
    listen = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    config = folder / "sshd_config"
    config.write_text(
        f"""\
ListenAddress {listen}
HostKey {host_key}
AuthorizedKeysFile {folder / "authorized_keys"}
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PubkeyAuthentication yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
UseDNS no
PrintMotd no
LogLevel INFO
Subsystem sftp internal-sftp
{settings}
MaxStartups {_MOST_STARTUPS}
LoginGraceTime 0
{"" if shell else f"ForceCommand internal-sftp -d {store}"}
""",
        encoding="utf-8",
    )
    log = folder / "sshd.log"
    # A file and no pipe: sessions that nobody has closed yet would hold its other end past the server's end.
    begins = log.stat().st_size if log.exists() else 0
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sshd, "-D", "-e", "-f", str(config)], stderr=said, stdout=subprocess.DEVNULL
        )
    try:
        _await_listening(process, log, begins)
        yield OpenSsh(
            port=port,
            user=getpass.getuser(),
            key_file=user_key,
            host_key=host_key.with_suffix(".pub").read_text(encoding="utf-8").strip(),
            folder=store,
        )
    finally:
        process.terminate()
        process.wait()


def _await_listening(process: subprocess.Popen[bytes], log: Path, begins: int) -> None:
    while b"Server listening" not in log.read_bytes()[begins:]:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.01)
            raise RuntimeError("sshd did not start: " + log.read_text(encoding="utf-8", errors="replace"))
