"""The portal's calls under ``/api/v1``, but for uploads."""

from fastapi import APIRouter

from app.sandbox.api.service import router as _service

__all__ = ["router"]

router = APIRouter()
for _part in (_service,):
    router.include_router(_part)
