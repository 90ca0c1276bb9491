"""The agent's HTTPS API: on the loopback, and to paired programs on other machines."""

from agent.api.application import Api, Side, application
from agent.api.certificate import OwnCertificate, own_certificate
from agent.api.events import EventBoard
from agent.api.methods import METHODS, Desk, Method
from agent.api.rights import close_to_others, windows_rights
from agent.api.server import ApiServer, Reach
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
    "application",
    "close_to_others",
    "own_certificate",
    "windows_rights",
]
