"""Whose word about a client's address counts."""

from __future__ import annotations

import pytest

from organizations.client_address import client_address, parse_networks

TRUSTED = parse_networks(["10.1.0.0/16", " 192.168.7.9 ", "", "fd00::/8"])
PROXY, CLIENT, FORGED = "10.1.0.2", "203.0.113.9", "198.51.100.1"


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        (CLIENT, "", CLIENT),
        (CLIENT, FORGED, CLIENT),  # nobody trusts this one
        (PROXY, "", PROXY),
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"{FORGED}, {CLIENT}", CLIENT),
        (PROXY, f"{FORGED},{CLIENT} ,192.168.7.9, fd00::1", CLIENT),
        (PROXY, "10.1.0.3, 10.1.0.4", "10.1.0.3"),  # a client inside the trusted network
        (PROXY, f"{CLIENT}, unknown", PROXY),
        (PROXY, f"{CLIENT},", PROXY),
        (PROXY, "203.0.113.9:4711", CLIENT),
        (PROXY, "[2001:DB8::9]:4711", "2001:db8::9"),
        (PROXY, "[2001:db8::9]", "2001:db8::9"),
        (PROXY, "2001:0db8:0:0::9", "2001:db8::9"),
        (PROXY, "fe80::1%typed-text", PROXY),
        (PROXY, "203.0.113.9:471100", PROXY),
        (PROXY, "203.0.113.009", PROXY),
        ("::ffff:10.1.0.2", "::ffff:203.0.113.9", CLIENT),
        ("", CLIENT, ""),  # a socket of this machine has no address
        ("192.168.7.8", CLIENT, "192.168.7.8"),
    ],
)
def test_the_list_is_read_from_the_right_as_far_as_it_is_trusted(
    remote: str, forwarded: str, client: str
) -> None:
    assert client_address(remote, forwarded, TRUSTED) == client


def test_where_nobody_is_trusted_the_connection_alone_counts() -> None:
    assert client_address(PROXY, CLIENT, ()) == PROXY


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("proxy.example", "'proxy.example' is not a network such as 10.1.0.0/16"),
        ("10.1.0.5/16", "'10.1.0.5/16' is not a network .* has host bits set"),
        ("10.1.0.0/33", "'10.1.0.0/33' is not a network"),
        ("0.0.0.0/0", "'0.0.0.0/0' is every address there is"),
        ("::/0", "'::/0' is every address there is"),
    ],
)
def test_a_network_that_cannot_be_meant_is_quoted(name: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_networks(["10.1.0.0/16", name])
