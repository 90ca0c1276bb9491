"""The portal's HTTP application: which rooms serve which addresses."""

from __future__ import annotations

from fastapi import FastAPI

from app.sandbox import api, oauth, uploads
from app.sandbox.border import Border
from app.sandbox.problems import install_problem_handlers
from app.sandbox.site import Site

API = "/api/v1"


def build_application(site: Site) -> FastAPI:
    """The application that serves this portal."""
    application = FastAPI(
        title="Caseferry portal",
        version="1",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    application.state.site = site
    application.add_middleware(Border, unlimited=f"{API}/uploads")
    install_problem_handlers(application)
    oauth.install_oauth_errors(application)
    # First: routes are tried in this order, and a client waits for that between any two parts of a file.
    application.include_router(uploads.router, prefix=API, responses=api.PROBLEMS)
    application.include_router(api.router, prefix=API)
    application.include_router(oauth.router)
    return application
