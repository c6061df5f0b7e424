"""From which address somebody asks: for the limits of those who are not signed in, and for nothing else."""

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from schemas.tls import is_loopback

A_HOME = 64
"""Bits of an IPv6 address that tell one site from another (RFC 6177): a site is one caller, not 2**64."""


class Whence:
    """Tells the address of who connected, or what a proxy on this machine says in the header named for it."""

    def __init__(self, header: str | None) -> None:
        self._header = header

    def of(self, request: HTTPConnection) -> str:
        """The address, of IPv6 its network. A header is believed of a proxy on this machine alone.

        Of several addresses the last counts: the proxy wrote it, what stands before may be anybody's.
        """
        peer = request.client.host if request.client else ""
        found = _network(peer)
        if self._header is None or not is_loopback(peer):
            return found
        said = request.headers.getlist(self._header)
        return _network(said[-1].rpartition(",")[2].strip(), found) if said else found


def _network(address: str, otherwise: str | None = None) -> str:
    try:
        there = ip_address(address)
    except ValueError:
        return address if otherwise is None else otherwise
    if isinstance(there, IPv6Address) and not there.is_loopback:
        return str(ip_network((int(there), A_HOME), strict=False))
    return str(there)
