from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.web.addresses import as_address, is_public, may_reach

PUBLIC = {
    "a web server": "93.184.216.34",
    "just below 10/8": "9.255.255.255",
    "just above 10/8": "11.0.0.0",
    "just below shared address space": "100.63.255.255",
    "just above shared address space": "100.128.0.0",
    "just above 172.16/12": "172.32.0.0",
    "the last before multicast": "223.255.255.255",
    "IPv6": "2606:2800:220:1:248:1893:25c8:1946",
    "IPv4-mapped": "::ffff:93.184.216.34",
    "through NAT64": "64:ff9b::93.184.216.34",
    "through 6to4": "2002:5db8:d822::1",
}
PRIVATE = {
    "this network": "0.0.0.0",
    "private A": "10.1.2.3",
    "private B": "172.31.255.255",
    "private C": "192.168.1.1",
    "loopback": "127.0.0.1",
    "all of loopback": "127.255.255.254",
    "link-local: the metadata service": "169.254.169.254",
    "carrier-grade NAT": "100.64.0.1",
    "protocol assignments": "192.0.0.8",
    "documentation": "203.0.113.5",
    "benchmarks": "198.19.0.1",
    "multicast": "224.0.0.251",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "IPv6 unspecified": "::",
    "IPv6 loopback": "::1",
    "IPv6 link-local": "fe80::1",
    "IPv6 link-local with its interface": "fe80::1%1",
    "IPv6 unique-local": "fd00::1",
    "IPv6 site-local": "fec0::1",
    "IPv6 multicast": "ff02::1",
    "IPv6 documentation": "2001:db8::1",
    "IPv6 discard": "100::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "IPv4-mapped loopback": "::ffff:127.0.0.1",
    "IPv4-compatible loopback": "::127.0.0.1",
    "NAT64 of the metadata service": "64:ff9b::169.254.169.254",
    "NAT64 for local use": "64:ff9b:1::1",
    "6to4 of a private address": "2002:c0a8:101::1",
}


@pytest.mark.parametrize("case", PUBLIC)
def test_public_addresses_may_be_reached(case: str) -> None:
    assert is_public(ip_address(PUBLIC[case])) and may_reach(ip_address(PUBLIC[case]), ())


@pytest.mark.parametrize("case", PRIVATE)
def test_private_addresses_may_not(case: str) -> None:
    assert not may_reach(ip_address(PRIVATE[case]), ())


def test_the_user_allows_networks_and_nothing_beside_them() -> None:
    allow = (ip_network("127.0.0.0/16"), ip_network("fd00::/64"))
    assert may_reach(ip_address("127.0.3.4"), allow)
    assert may_reach(ip_address("::ffff:127.0.3.4"), allow)
    assert may_reach(ip_address("fd00::9"), allow)
    assert not may_reach(ip_address("127.1.0.1"), allow)
    assert not may_reach(ip_address("fd00:0:0:1::9"), allow)
    assert not may_reach(ip_address("64:ff9b::127.0.3.4"), allow), "that is where the translator would be asked"


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_carries(address: IPv4Address) -> None:
    for carrier in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(IPv6Address(carrier)) == is_public(address)


@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_is_never_public(address: IPv4Address | IPv6Address) -> None:
    assert not (is_public(address) and (address.is_loopback or address.is_link_local or address.is_multicast))


def test_hosts_are_read_as_addresses_or_names() -> None:
    assert as_address("127.0.0.1") == IPv4Address("127.0.0.1")
    assert as_address("[::1]") == IPv6Address("::1")
    assert as_address("example.org") is None
