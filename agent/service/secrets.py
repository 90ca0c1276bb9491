"""The agent's own secrets: the pseudonym key and the portal's client secret."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

from agent.service.config import AgentConfig
from agent.service.owner import as_owner_of
from app.domain.errors import CredentialsError, LocalError
from app.masking import KeyRing, PseudonymKey, new_key, read_key_ring
from app.portal import AgentTokens
from app.secrets import SecretStore, open_agent_vault
from app.settings import Trust
from app.settings.trust import read_certificate
from app.transfer.network import Certificates, Network, Way

KEY_NAME = "pseudonym-key"
CLIENT_SECRET_NAME = "portal-client-secret"


def pseudonym_key(config: AgentConfig, vault: SecretStore) -> PseudonymKey:
    """The key of `masking.key_file`; without one, the vault's, which is made at the first start.

    Raises:
        InputError, LocalError: the key file is none, or cannot be read.
    """
    return key_ring(config, vault).current


def key_ring(config: AgentConfig, vault: SecretStore) -> KeyRing:
    """The current key as `pseudonym_key` says, with the older ones of the key file.

    Raises:
        InputError, LocalError: the key file is none, or cannot be read.
    """
    with vault.exclusive():
        kept = kept_key_ring(config, vault)
        if kept is not None:
            return kept
        key = new_key()
        vault.put(KEY_NAME, key.secret)
        return KeyRing(key)


def kept_key_ring(config: AgentConfig, vault: SecretStore | None) -> KeyRing | None:
    """The same, and nothing is made: None when there is no key yet.

    Raises:
        InputError, LocalError: the key file is none, or cannot be read.
    """
    if config.key_file is not None:
        return read_key_ring(config.key_file)
    kept = None if vault is None else vault.get(KEY_NAME)
    return None if kept is None else KeyRing(PseudonymKey(kept))


def way_out(config: AgentConfig) -> Way:
    """The way to the portal and to SFTP servers, with the proxy's password.

    Raises:
        LocalError: its file cannot be read.
        InputError: the portal's certificate cannot be read or is none.
    """
    network, ca_file = config.network, config.portal.ca_file
    proxy = network.proxy
    if proxy is not None and network.proxy_user:
        file = network.proxy_password_file
        password = "" if file is None else _proxy_password(file)
        proxy = replace(proxy, user=network.proxy_user, password=password)
    return Way(
        network=Network(proxy=proxy, no_proxy=network.no_proxy),
        certificates=Certificates(
            ca_files=(*(() if ca_file is None else (ca_file,)), *network.extra_ca_files),
            system_store=ca_file is None,
            client_certificate=network.client_certificate,
            client_key=network.client_key,
            pinned=pinned_certificate(config),
        ),
    )


def pinned_certificate(config: AgentConfig) -> bytes:
    """The one certificate (DER) that the portal may show; empty when the configuration names none.

    Raises:
        InputError: its file cannot be read (CF-1170), or holds none (CF-1171).
    """
    file = config.portal.certificate_file
    return b"" if file is None else read_certificate(file)


def client_secret(config: AgentConfig, vault: SecretStore | None) -> str:
    """The secret of this agent's registration at the portal.

    Raises:
        CredentialsError: there is none.
        LocalError: its file cannot be read.
    """
    file = config.portal.client_secret_file
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise LocalError(
                "The client secret cannot be read",
                happened=f"{file.name}: {_why(error)}.",
                todo="Check portal.client_secret_file and the rights of that file.",
                code="CF-1898",
            ) from error
    kept = None if vault is None else vault.get(CLIENT_SECRET_NAME)
    if kept is None:
        raise CredentialsError(
            "The agent has no credential for the portal",
            happened="There is neither portal.client_secret_file nor a secret in the vault.",
            todo="Register the agent at the portal; then keep its secret with caseferry-agent portal-secret, "
            "or name a file with it in the configuration.",
            code="CF-1395",
        )
    return kept.decode("utf-8")


def agent_tokens(config: AgentConfig, vault: SecretStore | None, trust: Trust) -> AgentTokens:
    """What signs this agent in at the portal. Raises as `client_secret`."""
    return AgentTokens(
        config.portal.url,
        trust=trust,
        client_id=config.portal.client_id,
        client_secret=client_secret(config, vault),
    )


def mark_of_credential(config: AgentConfig, vault: SecretStore, *, key: bytes) -> str:
    """Tells one registration and secret from another, and nothing else of them; `key` is the trail's."""
    told = f"{config.portal.client_id}\n{client_secret(config, vault)}"
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()[:16]


def keep_client_secret(data: Path, secret: str) -> None:
    """Put the secret into the vault of a data folder, or take it out when it is empty.

    Raises:
        CredentialsError, IntegrityError: the vault cannot be opened.
        LocalError: it cannot be written, or its folder would not be the agent's.
    """
    with as_owner_of(data):
        vault = open_agent_vault(data)
        if secret:
            vault.put(CLIENT_SECRET_NAME, secret.encode("utf-8"))
        else:
            vault.delete(CLIENT_SECRET_NAME)


def _proxy_password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError(
            "The proxy's password cannot be read",
            happened=f"{file.name}: {_why(error)}.",
            todo="Check network.proxy_password_file and the rights of that file.",
            code="CF-1887",
        ) from error


def _why(error: OSError | UnicodeDecodeError) -> str:
    return getattr(error, "strerror", None) or "not a text file"
