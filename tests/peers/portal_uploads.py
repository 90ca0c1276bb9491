"""Where a running portal takes uploads over tus."""

from __future__ import annotations

import ssl

from app.transfer import TusDestination
from tests.peers.fixed_token import FixedToken
from tests.peers.portal import PortalProcess, agent_tokens, register_agent

PART = 1 << 20


def agent_token(portal: PortalProcess) -> FixedToken:
    """Of a new agent of the portal's."""
    return FixedToken(agent_tokens(portal, register_agent(portal)).access)


def portal_uploads(
    portal: PortalProcess,
    token: FixedToken,
    *,
    case: str,
    port: int | None = None,
    streams: int | None = None,
    part_size: int = PART,
) -> TusDestination:
    """A destination in this case.

    Args:
        portal: it runs.
        token: see `agent_token`.
        case: its number.
        port: of a relay before the portal; the portal's own by default.
        streams, part_size: see `TusDestination`.
    """
    root = portal.url if port is None else f"https://127.0.0.1:{port}"
    return TusDestination(
        f"{root}/api/v1/uploads",
        ssl_context=ssl.create_default_context(cafile=str(portal.ca_file)),
        tokens=token,
        metadata={"case": case},
        state_url="state",
        part_size=part_size,
        streams=streams,
    )
