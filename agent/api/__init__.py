"""The agent's HTTPS API on the loopback."""

from agent.api.application import Api, application
from agent.api.certificate import OwnCertificate, own_certificate
from agent.api.events import EventBoard
from agent.api.methods import METHODS, Desk, Method
from agent.api.server import ApiServer
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
    "Tokens",
    "application",
    "own_certificate",
]
