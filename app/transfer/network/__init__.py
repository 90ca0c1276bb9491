"""The way out: proxies, certificates, connections. It must not know what is sent."""

from app.transfer.network.bulk_tls import BulkTls, NothingSoon
from app.transfer.network.certificates import Certificates
from app.transfer.network.congestion import expect_loss
from app.transfer.network.dialling import DIRECT, dial, proxy_unreachable, resolve, watch_over
from app.transfer.network.opening import Opening, cut_off
from app.transfer.network.passing_by import (
    NEVER_MET,
    READABLE,
    passes_by,
    refuse_unreadable,
    unreadable,
)
from app.transfer.network.pinning import (
    Pins,
    ShownCertificate,
    connect_tls,
    fingerprint_of,
    parse_place,
    prove_pin,
    show_certificate,
    verifies,
)
from app.transfer.network.proxies import (
    Network,
    Proxy,
    ProxyKind,
    parse_pac_result,
    parse_proxy,
)
from app.transfer.network.way import Way

__all__ = [
    "DIRECT",
    "NEVER_MET",
    "READABLE",
    "BulkTls",
    "Certificates",
    "Network",
    "NothingSoon",
    "Opening",
    "Pins",
    "Proxy",
    "ProxyKind",
    "ShownCertificate",
    "Way",
    "connect_tls",
    "cut_off",
    "dial",
    "expect_loss",
    "fingerprint_of",
    "parse_pac_result",
    "parse_place",
    "parse_proxy",
    "passes_by",
    "prove_pin",
    "proxy_unreachable",
    "refuse_unreadable",
    "resolve",
    "show_certificate",
    "unreadable",
    "verifies",
    "watch_over",
]
