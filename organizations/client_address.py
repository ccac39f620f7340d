"""Find the client's address of a request that came through proxies; only what a trusted one wrote counts.

Apart, and without Django, because settings, counters and sign-in all need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# Some proxies add the port: 203.0.113.9:4711 or [2001:db8::9]:4711.
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|([0-9.]+):\d{1,5}")


def parse_networks(names: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks. Raises ValueError with a sentence that quotes the first bad one."""
    return tuple(_parse_network(name.strip()) for name in names if name.strip())


def _parse_network(name: str) -> Network:
    try:
        network = ip_network(name)
    except ValueError as problem:
        raise ValueError(f"{name!r} is not a network such as 10.1.0.0/16 ({problem}).") from None
    if network.prefixlen == 0:
        raise ValueError(f"{name!r} is every address there is; name the proxies' own network.")
    return network


def client_address(remote_address: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of the client, in its one usual spelling.

    `remote_address` is the other end of the connection (REMOTE_ADDR), `forwarded_for` the whole
    X-Forwarded-For. Every proxy appends the address that it saw, so the list is read from the
    right for as long as whoever wrote the entry is trusted; anybody can have written the rest.
    An entry that is no address ends the reading at the proxy that passed it on. A connection
    without an address (a socket of this machine) is returned as it is.
    """
    address = _parse_address(remote_address)
    if address is None:
        return remote_address
    for entry in reversed(forwarded_for.split(",")):
        previous = _parse_address(entry) if _is_trusted(address, trusted) else None
        if previous is None:
            break
        address = previous
    return str(address)


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)


def _parse_address(entry: str) -> Address | None:
    text = entry.strip()
    if match := _WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id is not None:  # free text after a percent sign
        return None
    return address.ipv4_mapped or address
