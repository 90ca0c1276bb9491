"""How proxies are written, what a PAC script answers, and who is reached without."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.errors import InputError
from app.transfer.network import (
    Network,
    Proxy,
    ProxyKind,
    parse_pac_result,
    parse_place,
    parse_proxy,
    passes_by,
    refuse_unreadable,
    unreadable,
)

HTTP, SOCKS5, SOCKS4 = ProxyKind.HTTP, ProxyKind.SOCKS5, ProxyKind.SOCKS4


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://proxy.example:3128", Proxy(HTTP, "proxy.example", 3128)),
        ("proxy.example:3128", Proxy(HTTP, "proxy.example", 3128)),
        ("http://proxy.example", Proxy(HTTP, "proxy.example", 8080)),
        ("socks5://10.0.0.1", Proxy(SOCKS5, "10.0.0.1", 1080)),
        ("socks5h://u:p%40ss@proxy.example:9", Proxy(SOCKS5, "proxy.example", 9, "u", "p@ss")),
        ("socks4a://proxy.example:9", Proxy(SOCKS4, "proxy.example", 9)),
        ("http://[fd00::1]:3128/", Proxy(HTTP, "fd00::1", 3128)),
    ],
)
def test_a_proxy_is_read(text: str, proxy: Proxy) -> None:
    assert parse_proxy(text) == proxy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://proxy.example",
        "http://",
        "http://proxy.example:x",
        "http://proxy.example/path",
        "a b",
        "http://proxy..example:3128",
        f"http://{'a' * 64}.example:3128",
    ],
)
def test_what_is_no_proxy_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_proxy(text)
    assert caught.value.code == "CF-1163"


def test_user_and_password_are_never_shown() -> None:
    proxy = parse_proxy("http://nadia:s3cret@proxy.example:3128")
    assert "s3cret" not in repr(proxy) + proxy.place
    assert "nadia" not in repr(proxy) + proxy.place


@pytest.mark.parametrize(
    ("answer", "ways"),
    [
        ("DIRECT", (None,)),
        ("", (None,)),
        ("PROXY a.example:3128; DIRECT", (Proxy(HTTP, "a.example", 3128), None)),
        ("SOCKS5 b.example:1080;PROXY a:1", (Proxy(SOCKS5, "b.example", 1080), Proxy(HTTP, "a", 1))),
        ("HTTPS a.example:443; proxy b:2", (Proxy(HTTP, "b", 2),)),
    ],
)
def test_the_answer_of_a_pac_script_is_read_in_its_order(answer: str, ways: tuple[Proxy | None, ...]) -> None:
    assert parse_pac_result(answer) == ways


@pytest.mark.parametrize("answer", ["HTTPS a.example:443", "PROXY", "nonsense"])
def test_an_answer_without_a_usable_way_is_refused(answer: str) -> None:
    with pytest.raises(InputError):
        parse_pac_result(answer)


@pytest.mark.parametrize(
    ("entry", "host", "passes"),
    [
        ("example.com", "example.com", True),
        ("example.com", "portal.example.com", True),
        (".example.com", "portal.example.com", True),
        ("*.example.com", "Portal.Example.com.", True),
        ("example.com", "badexample.com", False),
        ("example.com:443", "example.com", True),
        ("example.com:8443", "example.com", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "portal.example.com", False),
        ("10.0.0.0/8:443", "10.1.2.3", True),
        ("10.0.0.0/8:8443", "10.1.2.3", False),
        ("fd00::/8:443", "fd00::1", True),
        ("[fd00::]/8:443", "fd00::1", True),
        ("[fd00::/8]:443", "fd00::1", True),
        ("[fd00::]/8:8443", "fd00::1", False),
        ("fd00::/8", "fd00::1", True),
        ("[fd00::1]:443", "fd00::1", True),
        ("fd00::1", "fd00::1", True),
        ("FD00:0::0001", "fd00::1", True),
        ("[fd00::]/8", "fd00::1", True),
        ("fe80::1", "fe80::1%eth0", True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.1.2.3", "1.10.1.2", False),
        ("*", "anything.example", True),
        ("<local>", "portal", True),
        ("<local>", "portal.example.com", False),
        ("", "portal", False),
        ("portal:²", "portal", False),
    ],
)
def test_who_is_reached_without_a_proxy(entry: str, host: str, passes: bool) -> None:
    assert passes_by(host, 443, [entry]) is passes


@pytest.mark.parametrize(
    "entry",
    [
        "http://intra.example",
        "10.0.0.0/99",
        "10.1.*",
        "intra..example",
        "*:443",
        "<local>:443",
        "intra.example:http",
        "intra.example:0",
        "intra.example:70000",
        "intra.example;other.example",
        "intra example",
        "in*ra.example",
        "<loca>",
        ".",
        "[]",
        '"intra.example"',
    ],
)
def test_what_means_no_server_is_told_from_the_others(entry: str) -> None:
    assert unreadable(["portal.example", entry, "10.0.0.0/8"]) == (1,)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*",
        "<local>",
        " portal ",
        "PORTAL.example.",
        ".example.com",
        "*.example.com",
        "my_host-2:8443",
        "münchen.example",
        "10.1.2.3:443",
        "::1",
        "[::1]:443",
        "fe80::1%eth0",
        "10.1.2.3/8",
        "[fd00::]/8:443",
        "*intra.example",
        "*local",
        "[example.com]",
        "001",
        "host.42",
        "127.1",
        "2130706433",
        "server$",
        "x" * 64 + ".example",
        "portal.example:000443",
    ],
)
def test_what_may_mean_a_server_is_taken(entry: str) -> None:
    assert unreadable([entry]) == ()


_PARTS = st.text(st.characters(categories=["L", "N"], include_characters="-_$~"), min_size=1)


@given(
    parts=st.lists(_PARTS, min_size=1, max_size=4),
    below=st.lists(_PARTS, max_size=2),
    form=st.sampled_from(["{}", ".{}", "*{}", "*.{}", "[{}]", " {} ", "{}.", "{}:8443", "*.{}.:08443"]),
)
def test_whatever_meets_some_server_is_readable(parts: list[str], below: list[str], form: str) -> None:
    entry = form.format(".".join(parts))
    assume(passes_by(".".join([*below, *parts]), 8443, [entry]))
    assert unreadable([entry]) == ()


@given(
    entry=st.text("ab1.*:[]/<>@;$% ", max_size=8), host=st.from_regex(r"[ab1$]+(\.[ab1$]+)*", fullmatch=True)
)
def test_no_text_that_meets_a_server_is_unreadable(entry: str, host: str) -> None:
    if passes_by(host, 1, [entry]):
        assert unreadable([entry]) == ()


def test_a_port_of_any_length_is_no_port() -> None:
    entry = "portal.example:" + "9" * 5000
    assert unreadable([entry]) == (0,)
    assert not passes_by("portal.example", 443, [entry])


def test_an_entry_in_which_a_password_may_be_is_told_by_its_number() -> None:
    with pytest.raises(InputError) as wrong:
        refuse_unreadable(["portal.example", "http://nadia:s3cret@intra.example", "10.1.*"])
    assert "entry 2, entry 3 (10.1.*) of no_proxy" in wrong.value.happened
    assert "s3cret" not in f"{wrong.value.happened} {wrong.value.todo}"


def test_the_pac_script_is_asked_for_the_server_alone() -> None:
    asked: list[str] = []

    def pac(url: str) -> str:
        asked.append(url)
        return "PROXY p:1"

    network = Network(pac=pac, no_proxy=("near.example",))
    assert network.ways("portal.example", 8443) == (Proxy(HTTP, "p", 1),)
    assert network.ways("near.example", 443) == (None,)
    assert asked == ["https://portal.example:8443/"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("portal.example", ("portal.example", 443)),
        ("portal.example:8443", ("portal.example", 8443)),
        ("https://portal.example:8443/x", ("portal.example", 8443)),
        ("[::1]:22", ("::1", 22)),
        ("::1:22", ("::1", 22)),
        ("::1", ("::1", 443)),
        ("2001:db8::5", ("2001:db8::5", 443)),
    ],
)
def test_a_place_is_read_as_it_is_listed(text: str, place: tuple[str, int]) -> None:
    assert parse_place(text) == place


@pytest.mark.parametrize("text", ["", ":443", "https://", "portal.example:0", "portal.example:70000"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_place(text)
    assert caught.value.code == "CF-1169"


def test_the_proxies_that_a_pac_script_names_get_the_sign_in() -> None:
    network = Network(pac=lambda _address: "PROXY p.example:3128; DIRECT", user="nadia", password="secret")
    assert network.ways("portal.example", 443) == (
        Proxy(ProxyKind.HTTP, "p.example", 3128, "nadia", "secret"),
        None,
    )
    assert "secret" not in repr(network)
