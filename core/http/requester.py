"""Who sends a request, as far as limits distinguish: a network, because addresses are cheap."""

from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

IPV6_PREFIX = 64


def network() -> str:
    """Return the IPv4 address of the requester, or the /64 of the IPv6 address.

    Only the trusted proxies (PROXIES) can name another address than that of the connection.
    """
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)
