"""One command on the server, its short answer, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

import paramiko

from app.transfer.ssh.stream import open_stream

_LOOK_EVERY = 0.25


def run_command(
    transport: paramiko.Transport,
    command: str,
    *,
    most: int,
    seconds: float,
    pause: Callable[[], None],
    monotonic: Callable[[], float] = time.monotonic,
) -> bytes | None:
    """What the command printed; None when the server runs none, it failed, took too long or said too much.

    Args:
        transport: signed in; another channel may be in use.
        command: for the account's shell.
        most: bytes of output.
        seconds: for all of it.
        pause: called while waiting; may raise to give up.
        monotonic: seconds that never step.
    """
    try:
        stream = open_stream(transport, silence=seconds)
    except (paramiko.SSHException, OSError, EOFError):
        if not transport.is_active():
            raise
        return None
    try:
        until = monotonic() + seconds
        return _run(stream.channel, command, most=most, left=lambda: until - monotonic(), pause=pause)
    except (paramiko.SSHException, OSError, EOFError):
        if not transport.is_active():
            raise
        return None
    finally:
        stream.channel.close()


def _run(
    channel: paramiko.Channel,
    command: str,
    *,
    most: int,
    left: Callable[[], float],
    pause: Callable[[], None],
) -> bytes | None:
    channel.exec_command(command)
    # A server that starts something else instead has nothing to wait for.
    channel.shutdown_write()
    channel.settimeout(_LOOK_EVERY)
    said = b""
    while left() > 0:
        pause()
        try:
            piece = channel.recv(most + 1)
        except TimeoutError:
            continue
        said += piece
        if len(said) > most:
            return None
        if not piece:
            ended = channel.status_event.wait(max(0.0, min(5.0, left())))
            return said if ended and channel.exit_status == 0 else None
    return None
