"""The agent's own secrets: the pseudonym key and the portal's client secret."""

from __future__ import annotations

from agent.service.config import AgentConfig
from app.domain.errors import CredentialsError, LocalError
from app.masking import KeyRing, PseudonymKey, new_key, read_key_ring
from app.secrets import SecretStore

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
    if config.key_file is not None:
        return read_key_ring(config.key_file)
    with vault.exclusive():
        kept = vault.get(KEY_NAME)
        if kept is not None:
            return KeyRing(PseudonymKey(kept))
        key = new_key()
        vault.put(KEY_NAME, key.secret)
        return KeyRing(key)


def client_secret(config: AgentConfig, vault: SecretStore) -> str:
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
            why = getattr(error, "strerror", None) or "not a text file"
            raise LocalError(
                "The client secret cannot be read",
                happened=f"{file.name}: {why}.",
                todo="Check portal.client_secret_file and the rights of that file.",
                code="CF-1898",
            ) from error
    kept = vault.get(CLIENT_SECRET_NAME)
    if kept is None:
        raise CredentialsError(
            "The agent has no credential for the portal",
            happened="There is neither portal.client_secret_file nor a secret in the vault.",
            todo="Register the agent at the portal and name the file with its secret in the configuration.",
            code="CF-1395",
        )
    return kept.decode("utf-8")
