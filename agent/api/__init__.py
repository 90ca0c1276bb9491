"""The agent's HTTPS API: on the loopback, and to paired programs on other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.api.guard import callers_folders
from agent.api.reach import Reach
from agent.api.rights import close_to_others, windows_rights
from app.later import loaded_later

if TYPE_CHECKING:
    from agent.api.application import Api, Side
    from agent.api.certificate import OwnCertificate, own_certificate
    from agent.api.events import EventBoard
    from agent.api.methods import METHODS, Desk, Method
    from agent.api.server import ApiServer
    from agent.api.service import Service
    from agent.api.standing import Standing
    from agent.api.tokens import Caller, Tokens

__all__ = [
    "METHODS",
    "Api",
    "ApiServer",
    "Caller",
    "Desk",
    "EventBoard",
    "Method",
    "OwnCertificate",
    "Reach",
    "Service",
    "Side",
    "Standing",
    "Tokens",
    "callers_folders",
    "close_to_others",
    "own_certificate",
    "windows_rights",
]

_LATER = {
    "METHODS": "methods",
    "Api": "application",
    "ApiServer": "server",
    "Caller": "tokens",
    "Desk": "methods",
    "EventBoard": "events",
    "Method": "methods",
    "OwnCertificate": "certificate",
    "Service": "service",
    "Side": "application",
    "Standing": "standing",
    "Tokens": "tokens",
    "own_certificate": "certificate",
}

# A server takes long to load: commands that only read the configuration need none.
__getattr__ = loaded_later(__name__, _LATER)
