"""Where the sandbox may send a callback itself.

Any caller of the gateways' API names the address. A sandbox that others can reach must not become
their way into its network: it calls public addresses, and the hosts of SANDBOX_CALLBACK_HOSTS.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from jibit_sandbox.core.settings import Settings


class PrivateTarget(requests.RequestException):
    """The host is in a network that only this machine's neighbours may call."""


def adapter_for(url: str, settings: Settings) -> HTTPAdapter:
    """Return the way to this URL. Raises PrivateTarget, or another RequestException."""
    name = urlsplit(url).hostname or ""
    if not settings.exposed or name in settings.callback_hosts:
        return HTTPAdapter()
    return PinnedAdapter(public_address(name))


def public_address(name: str) -> str:
    """Return an address of the host; raise PrivateTarget if any of them is not public."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise requests.ConnectionError(f"{name} has no address") from None
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    if not all(ip_address(address).is_global for address in addresses):
        raise PrivateTarget(f"{name} is in a private network")
    return addresses[0]


class PinnedAdapter(HTTPAdapter):
    """Connects to the address that was checked: a name may lead elsewhere the next time."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def add_headers(self, request: Any, **_: Any) -> None:
        """Name the host, which the connection does not know any more."""
        request.headers["Host"] = urlsplit(request.url).netloc

    def get_connection_with_tls_context(
        self,
        request: Any,
        verify: Any,
        proxies: Any = None,  # noqa: ARG002 - requests names it
        cert: Any = None,
    ) -> Any:
        """Return requests' pool for the address; a certificate must be the name's all the same."""
        host, tls = self.build_connection_pool_key_attributes(request, verify, cert)
        known: dict[str, Any] = {**tls}
        if host["scheme"] == "https":
            known |= {"server_hostname": host["host"], "assert_hostname": host["host"]}
        return self.poolmanager.connection_from_host(
            self._address, host["port"], host["scheme"], pool_kwargs=known
        )
