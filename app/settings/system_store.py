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
    file = built.openssl_cafile if Path(built.openssl_cafile).is_file() else None
    folder = built.openssl_capath if _holds_certificates(Path(built.openssl_capath)) else None
    if file is None and folder is None:
        file = next((each for each in _FILES if Path(each).is_file()), None)
    if file is not None or folder is not None:
        context.load_verify_locations(cafile=file, capath=folder)
    return context


def _holds_certificates(folder: Path) -> bool:
    try:
        return any(_HASHED.fullmatch(each.name) for each in folder.iterdir())
    except OSError:
        return False
