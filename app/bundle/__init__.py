"""The masked, compressed, hashed package and its manifest. It must not know who sends it."""

from app.bundle.codec import decode_manifest, encode_manifest
from app.bundle.compressors import DEFAULT_LEVELS, LEVELS, choose_compressor, deflate_for
from app.bundle.formats import BundleFormat, format_of_name
from app.bundle.manifest import FORMAT, MANIFEST_NAME, LeftOut, Manifest, Member
from app.bundle.sealing import BundleFacts, Sealer, seal
from app.bundle.verification import Verification, first_member, read_manifest, reopen_bundle, verify_bundle

__all__ = [
    "DEFAULT_LEVELS",
    "FORMAT",
    "LEVELS",
    "MANIFEST_NAME",
    "BundleFacts",
    "BundleFormat",
    "LeftOut",
    "Manifest",
    "Member",
    "Sealer",
    "Verification",
    "choose_compressor",
    "decode_manifest",
    "deflate_for",
    "encode_manifest",
    "first_member",
    "format_of_name",
    "read_manifest",
    "reopen_bundle",
    "seal",
    "verify_bundle",
]
