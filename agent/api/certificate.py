"""The agent's own certificate: self-signed, elliptic curve, known by its digest only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.secrets import replace_file

_LIFE = timedelta(days=3650)
_RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """Certificate and key of this agent, as PEM files of its data folder.

    Attributes:
        certificate: PEM file.
        key: PEM file (0600).
        sha256: of the certificate's DER form, lower-case hex; clients pin it.
    """

    certificate: Path
    key: Path
    sha256: str


def own_certificate(folder: Path, *, now: datetime) -> OwnCertificate:
    """The certificate in `folder`; a new one when there is none, it is damaged, or it soon ends."""
    certificate, key = folder / "api-certificate.pem", folder / "api-key.pem"
    digest = _usable(certificate, key, now=now)
    if digest is None:
        _make(certificate, key, now=now)
        digest = _usable(certificate, key, now=now)
        if digest is None:
            raise RuntimeError("the certificate just made cannot be read back")
    return OwnCertificate(certificate=certificate, key=key, sha256=digest)


def _usable(certificate: Path, key: Path, *, now: datetime) -> str | None:
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError):
        return None
    if found.not_valid_after_utc - _RENEW_BEFORE < now or found.not_valid_before_utc > now:
        return None
    if secret.public_key() != found.public_key():
        return None
    return found.fingerprint(hashes.SHA256()).hex()


def _make(certificate: Path, key: Path, *, now: datetime) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Caseferry agent")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(secret, hashes.SHA256())
    )
    replace_file(
        key,
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    replace_file(certificate, made.public_bytes(serialization.Encoding.PEM))
