"""The SFTP side of the portal: temporary accounts, one folder per case, the proof of what arrives."""

from app.sandbox.sftp.accounts import check_password, create_account, find_account, is_alive
from app.sandbox.sftp.server import SftpServer, SftpSettings, start_sftp

__all__ = [
    "SftpServer",
    "SftpSettings",
    "check_password",
    "create_account",
    "find_account",
    "is_alive",
    "start_sftp",
]
