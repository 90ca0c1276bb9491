"""A real ProFTPD with mod_sftp and its own configuration on a high port."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.peers.openssh import OpenSsh
from tests.peers.ports import free_port

_USER = "tester"


@contextlib.contextmanager
def proftpd(folder: Path, *, most_clients: int = 40) -> Iterator[OpenSsh]:
    """Run it; signing in with the key leads to the folder of incoming files.

    Args:
        folder: for everything that it has; keys and stored files outlive it.
        most_clients: connections at once.
    """
    program = shutil.which("proftpd") or "/usr/sbin/proftpd"
    if not Path(program).exists() or not Path("/usr/lib/proftpd/mod_sftp.so").exists():
        raise RuntimeError("this test needs ProFTPD and its mod_sftp: proftpd-core, proftpd-mod-crypto")
    store = folder / "incoming"
    store.mkdir(parents=True, exist_ok=True)
    host_key, user_key = folder / "host_rsa", folder / "user_ed25519"
    for path, kind in ((host_key, ("-t", "rsa", "-b", "3072", "-m", "PEM")), (user_key, ("-t", "ed25519"))):
        if not path.exists():
            command = ["ssh-keygen", "-q", *kind, "-N", "", "-C", "test", "-f", str(path)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    exported = subprocess.run(
        ["ssh-keygen", "-e", "-f", str(user_key.with_suffix(".pub"))],
        check=True,
        capture_output=True,
    )
    (folder / "authorized").write_bytes(exported.stdout)
    users = folder / "users"
    users.write_text(f"{_USER}:!:{os.getuid()}:{os.getgid()}:tester:{store}:/bin/sh\n", encoding="ascii")
    users.chmod(0o600)
    port = free_port()
    log = folder / "sftp.log"
    config = folder / "proftpd.conf"
    config.write_text(
        f"""\
ModulePath /usr/lib/proftpd
LoadModule mod_sftp.c
ServerName test
ServerType standalone
DefaultServer on
UseReverseDNS off
DefaultAddress 127.0.0.1
SocketBindTight on
Port {port}
User root
Group root
PidFile {folder / "pid"}
ScoreboardFile {folder / "scoreboard"}
SystemLog {folder / "system.log"}
AuthOrder mod_auth_file.c
AuthUserFile {users}
RequireValidShell off
AllowOverwrite on
AllowStoreRestart on
MaxClients {most_clients}
RootLogin on
RootRevoke off
SFTPEngine on
SFTPLog {log}
SFTPHostKey {host_key}
SFTPAuthMethods publickey
SFTPAuthorizedUserKeys file:{folder / "authorized"}
WtmpLog off
""",
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [program, "-n", "-q", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await_listening(process, port, folder / "system.log")
        yield OpenSsh(
            port=port,
            user=_USER,
            key_file=user_key,
            host_key=host_key.with_suffix(".pub").read_text(encoding="utf-8").strip(),
            folder=store,
        )
    finally:
        process.terminate()
        process.wait()


def _await_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    raise RuntimeError(f"ProFTPD did not start: {said[-2000:]}")
