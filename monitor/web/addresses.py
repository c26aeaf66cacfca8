"""Which internet addresses are public, so that a page may lead us to them.

Source: the IANA special-purpose address registries (RFC 6890 and its successors), written out here because `is_global`
of the standard library differs between Python versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

PRIVATE_V4 = (
    IPv4Network("0.0.0.0/8"),  # this network
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # carrier-grade NAT
    IPv4Network("127.0.0.0/8"),  # loopback
    IPv4Network("169.254.0.0/16"),  # link-local, with the metadata services of clouds
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.0.2.0/24"),  # documentation
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, given up
    IPv4Network("192.168.0.0/16"),
    IPv4Network("198.18.0.0/15"),  # benchmarks
    IPv4Network("198.51.100.0/24"),  # documentation
    IPv4Network("203.0.113.0/24"),  # documentation
    IPv4Network("224.0.0.0/4"),  # multicast
    IPv4Network("240.0.0.0/4"),  # reserved, and broadcast
)
UNICAST_V6 = IPv6Network("2000::/3")  # all that is routed; loopback, link-local, unique-local and multicast lie outside
PRIVATE_V6 = (
    IPv6Network("2001::/23"),  # protocol assignments, with Teredo
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),  # documentation
)
CARRIERS_V6 = (  # networks whose addresses carry an IPv4 address, and how many bits stand to its right
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (IPv6Network("2002::/16"), 80),  # 6to4
)


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet; one that carries an IPv4 address is judged by that."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in PRIVATE_V4)
    for carrier, bits in CARRIERS_V6:
        if address in carrier:
            return is_public(IPv4Address(int(address) >> bits & 0xFFFF_FFFF))
    return address in UNICAST_V6 and not any(address in network for network in PRIVATE_V6)


def may_reach(address: Address, allow: Networks) -> bool:
    """Tell whether a connection to an address may be made: it is public, or in a network that the user allows."""
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    return is_public(address) or any(plain in network or address in network for network in allow)


@lru_cache(maxsize=1_024)
def as_address(host: str) -> Address | None:
    """Return the address that a host is written as, with or without brackets; None: it is a name."""
    if ":" not in host and not host[-1:].isdigit():  # most hosts; the exception would cost more
        return None
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
