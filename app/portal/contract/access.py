"""Who one is, and what one may see (R-ACC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.access import AccessLevel


@dataclass(frozen=True, slots=True)
class AccountPair:
    """A (Sold To, End User) combination, R-ACC-1.

    Attributes:
        id: stable, such as ``acc-1001``.
        name: what the account switcher shows; the End User's name.
        direct: whether Sold To and End User are the same.
        support_level: R-LVL, for people.
    """

    id: str
    name: str
    sold_to: str
    end_user: str
    direct: bool
    support_level: str
    contract_ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A contact's access level for one combination (R-ACC-3)."""

    account: AccountPair
    level: AccessLevel


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of the customer or the partner, as colleagues see it; never with the PIN (R-ACC-6)."""

    id: str
    first_name: str
    last_name: str
    email: str
    employer: str
    country: str
    level: AccessLevel


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in contact and all its combinations."""

    id: str
    first_name: str
    last_name: str
    email: str
    employer: str
    country: str
    memberships: list[Membership]


@dataclass(frozen=True, slots=True)
class NewAgent:
    """Asks for an agent credential.

    Attributes:
        account: id of the combination whose cases the agent may send to.
        server: the server's name, for people.
    """

    account: str
    server: str


@dataclass(frozen=True, slots=True)
class AgentCredential:
    """An agent's registration, without the secret."""

    id: str
    account: str
    server: str
    created: datetime
    revoked: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewAgentCredential:
    """The answer to `NewAgent`: the secret is shown this once."""

    credential: AgentCredential
    client_id: str
    client_secret: str
