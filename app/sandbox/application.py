"""The portal's HTTP application: which rooms serve which addresses.

Uploads come from `app.sandbox.uploads.router`, an `APIRouter` whose paths begin with ``/uploads``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from fastapi import FastAPI

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
    install_problem_handlers(application)
    uploads = import_module("app.sandbox.uploads") if find_spec("app.sandbox.uploads") else None
    if uploads is not None and hasattr(uploads, "router"):
        application.include_router(uploads.router, prefix=API)
    return application
