"""SFTP over SSH: paramiko's handshake and keys, and a hot path of our own. It must not know what is sent."""

from app.transfer.ssh.canary import hot_path_fits, missing_names
from app.transfer.ssh.client import SftpClient
from app.transfer.ssh.command import run_command
from app.transfer.ssh.protocol import Attributes, Code, Limits, Malformed, Mode, StatusError
from app.transfer.ssh.stream import Stream, make_transport, open_stream, stands

__all__ = [
    "Attributes",
    "Code",
    "Limits",
    "Malformed",
    "Mode",
    "SftpClient",
    "StatusError",
    "Stream",
    "hot_path_fits",
    "make_transport",
    "missing_names",
    "open_stream",
    "run_command",
    "stands",
]
