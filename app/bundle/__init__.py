"""The masked, compressed, hashed package and its manifest. It must not know who sends it."""

from app.bundle.codec import decode_manifest, encode_manifest
from app.bundle.manifest import FORMAT, MANIFEST_NAME, LeftOut, Manifest, Member
from app.bundle.sealing import DEFAULT_LEVEL, BundleFacts, seal
from app.bundle.verification import Verification, read_manifest, reopen_bundle, verify_bundle

__all__ = [
    "DEFAULT_LEVEL",
    "FORMAT",
    "MANIFEST_NAME",
    "BundleFacts",
    "LeftOut",
    "Manifest",
    "Member",
    "Verification",
    "decode_manifest",
    "encode_manifest",
    "read_manifest",
    "reopen_bundle",
    "seal",
    "verify_bundle",
]
