"""Windows' data protection (DPAPI): seals a key for this account on this machine. Used on Windows only."""

from __future__ import annotations

import ctypes
import sys

from app.domain.errors import CredentialsError

_NO_DIALOG = 0x1


class _Blob(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("data", ctypes.POINTER(ctypes.c_char))]


def protect(plain: bytes) -> bytes:
    """Seal `plain`; only this account on this machine opens it."""
    return _call("CryptProtectData", plain)


def unprotect(sealed: bytes) -> bytes:
    """Open what `protect` sealed.

    Raises:
        CredentialsError: it was sealed elsewhere, or by another account.
    """
    return _call("CryptUnprotectData", sealed)


def _call(function: str, content: bytes) -> bytes:
    if sys.platform != "win32":
        raise NotImplementedError("DPAPI exists on Windows only")
    else:  # noqa: RET506 - the type checker follows the platform by branches
        buffer = ctypes.create_string_buffer(content, len(content))
        given = _Blob(len(content), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char)))
        answer = _Blob()
        done = getattr(ctypes.windll.crypt32, function)(
            ctypes.byref(given), None, None, None, None, _NO_DIALOG, ctypes.byref(answer)
        )
        if not done:
            raise CredentialsError(
                "The vault key does not open",
                happened="Windows sealed it for another account or another machine.",
                todo="Run under the account that made it, or remove vault and key and sign in again.",
                code="CF-1372",
            )
        try:
            return ctypes.string_at(answer.data, answer.size)
        finally:
            ctypes.windll.kernel32.LocalFree(answer.data)
