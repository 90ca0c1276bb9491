"""The authorities that the operating system trusts, whatever the environment says."""

from __future__ import annotations

import re
import ssl
import sys
from pathlib import Path

_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]", re.ASCII)
"""Names of certificates in a folder that OpenSSL looks them up in."""

_FILES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where distributions keep them, for an OpenSSL that was built for another one."""


def system_context() -> ssl.SSLContext:
    """A client context that trusts the operating system's authorities, and verifies."""
    if sys.platform in ("win32", "darwin"):
        import truststore  # what it does elsewhere lets the environment in

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Not `set_default_verify_paths`: SSL_CERT_FILE and SSL_CERT_DIR would put others in their place.
    built = ssl.get_default_verify_paths()
    folder = _holds_certificates(Path(built.openssl_capath))
    if folder:
        context.load_verify_locations(capath=built.openssl_capath)
    for file in (built.openssl_cafile,) if folder else (built.openssl_cafile, *_FILES):
        if _adds_authorities(context, file):
            break
    return context


def _adds_authorities(context: ssl.SSLContext, file: str) -> bool:
    """False of a file that is not there, is empty or cannot be read: it makes nobody trusted."""
    try:
        context.load_verify_locations(cafile=file)
    except OSError:
        return False
    return True


def _holds_certificates(folder: Path) -> bool:
    try:
        return any(_HASHED.fullmatch(each.name) for each in folder.iterdir())
    except OSError:
        return False
