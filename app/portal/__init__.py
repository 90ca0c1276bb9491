"""The support portal: its contract, the client, signing in, the offline copy and the outbox.

It must not know widgets. `contract` is shared with the portal's server.
"""

from app.portal.client import PortalClient, new_key
from app.portal.downloads import Downloaded
from app.portal.events import EventStream
from app.portal.oauth import DeviceCode, portal_root
from app.portal.sign_in import sign_in_with_browser, sign_in_with_device
from app.portal.tokens import AgentTokens, PersonTokens, SignIn, TokenSource

__all__ = [
    "AgentTokens",
    "DeviceCode",
    "Downloaded",
    "EventStream",
    "PersonTokens",
    "PortalClient",
    "SignIn",
    "TokenSource",
    "new_key",
    "portal_root",
    "sign_in_with_browser",
    "sign_in_with_device",
]
