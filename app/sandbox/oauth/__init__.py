"""Sign-in: OAuth 2.0 for people (code with PKCE, device flow) and for agents (client credentials)."""

from fastapi import APIRouter

from app.sandbox.oauth.authorize import router as _authorize
from app.sandbox.oauth.device import router as _device
from app.sandbox.oauth.errors import install_oauth_errors
from app.sandbox.oauth.token import router as _token

__all__ = ["install_oauth_errors", "router"]

router = APIRouter()
for _part in (_authorize, _device, _token):
    router.include_router(_part)
