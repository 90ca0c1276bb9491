"""Uploads by tus 1.0.0: bytes arrive once, durably, and are a file of a case when their digest is right.

It must not know how callers sign in, nor how lists of files are served.
"""

from app.sandbox.uploads.delivery import Arrival, Judgement, deliver, judge
from app.sandbox.uploads.headers import CHECKSUMS, EXTENSIONS, format_metadata, parse_metadata
from app.sandbox.uploads.manifests import stored_manifest
from app.sandbox.uploads.names import safe_file_name
from app.sandbox.uploads.routes import router, uploads_of_application
from app.sandbox.uploads.rows import recipient
from app.sandbox.uploads.service import Uploads, UploadSettings
from app.sandbox.uploads.spool import digest_file

__all__ = [
    "CHECKSUMS",
    "EXTENSIONS",
    "Arrival",
    "Judgement",
    "UploadSettings",
    "Uploads",
    "deliver",
    "digest_file",
    "format_metadata",
    "judge",
    "parse_metadata",
    "recipient",
    "router",
    "safe_file_name",
    "stored_manifest",
    "uploads_of_application",
]
