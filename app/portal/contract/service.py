"""What the portal is able to do (``GET /api/v1/capabilities``, no sign-in) and the token reply of OAuth."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.portal.contract.files import SftpHost


@dataclass(frozen=True, slots=True)
class Gateway:
    """A regional upload gateway (R-FILE-4)."""

    region: str
    url: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the domain rules, as this portal has them."""

    first_reminder_days: int = 2
    second_reminder_days: int = 5
    close_days: int = 10
    reopen_days: int = 30
    files_kept_days: int = 30
    sftp_account_hours: int = 120
    summary_characters: int = 1000
    description_words: int = 10
    page_size: int = 25


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Contract version, limits, ways in.

    Attributes:
        log_request_key: what log requests are signed with, base64 of an Ed25519 public key; empty without.
    """

    product: str
    contract: str
    limits: Limits
    gateways: list[Gateway]
    tus_extensions: list[str]
    tus_checksums: list[str]
    sftp: SftpHost | None
    demo: bool = False
    features: list[str] = field(default_factory=list)
    log_request_key: str = ""


@dataclass(frozen=True, slots=True)
class TokenReply:
    """RFC 6749 §5.1."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str = ""
    scope: str = ""
