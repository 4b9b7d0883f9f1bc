"""Base URLs, as manifests tell them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from conformance.manifests.finding import Finding, Place

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    path: str

    @property
    def local(self) -> bool:
        """Of the same machine, or pod."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            address = ip_address(self.host)
        except ValueError:
            return False
        return address.is_loopback or address.is_unspecified

    @property
    def namespace(self) -> str | None:
        """Of a service in a cluster."""
        labels = self.host.rstrip(".").split(".")
        in_cluster = (len(labels) == 3 and labels[2] == "svc") or labels[2:] == ["svc", "cluster", "local"]
        return labels[1] if in_cluster else None


def address(url: str) -> Address | None:
    """None where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in PORTS or not parts.hostname or url != url.strip():
        return None
    return Address(parts.hostname, port or PORTS[parts.scheme.lower()], parts.path)


def judge(place: Place, url: str) -> Iterator[Finding]:
    """What is put in later, such as `${ACME_URL}`, says nothing yet."""
    if "${" in url or "{{" in url:
        return
    if address(url) is None:
        yield Finding("MAN-020", place, f"{url!r} is no base URL", "such as https://api.acme.com/v1")
    elif "@" in urlsplit(url).netloc:
        yield Finding("MAN-020", place, "a user name or a password stands in a base URL", "the key into a variable")
