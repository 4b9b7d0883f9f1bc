"""What a pod of an OpenClawInstance may reach: HTTPS and DNS anywhere, itself, and what the manifest allows besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from conformance.manifests.finding import rows, table, texts
from conformance.manifests.urls import Address

EVERYWHERE = (443, 53)
NAMESPACE = "kubernetes.io/metadata.name"


def reachable(address: Address, policy: Mapping[str, Any]) -> bool:
    """Whether the port is open to anybody."""
    return address.local or address.port in EVERYWHERE or any(True for _ in _open(address, policy))


def astray(address: Address, policy: Mapping[str, Any]) -> str | None:
    """The namespace that the port is open to, where that is not the host's."""
    if address.local or address.port in EVERYWHERE or address.namespace is None:
        return None
    named: set[str] = set()
    for rule in _open(address, policy):
        peers = [peer for _, peer in rows(rule.get("to"))]
        for peer in peers:
            name = table(table(peer.get("namespaceSelector")).get("matchLabels")).get(NAMESPACE)
            if not isinstance(name, str) or name == address.namespace:
                return None
            named.add(name)
        if not peers:
            return None
    return ", ".join(sorted(named)) or None


def _open(address: Address, policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rules that open its port, to whomever; those of addresses only where its own is among them, or not known."""
    for _, cidr in texts(policy.get("allowedEgressCIDRs")):
        if _within(address, cidr):
            yield {"to": []}
    for _, rule in rows(policy.get("additionalEgress")):
        ports = rule.get("ports") or [{}]
        if any(_has(address.port, port) for _, port in rows(ports)) and _for(address, rule):
            yield rule


def _has(port: int, told: Mapping[str, Any]) -> bool:
    if str(told.get("protocol", "TCP")).upper() != "TCP":
        return False
    first = told.get("port")
    if not isinstance(first, int):  # every port, or one that the pod names
        return True
    last = told.get("endPort")
    return first <= port <= (last if isinstance(last, int) else first)


def _for(address: Address, rule: Mapping[str, Any]) -> bool:
    peers = [peer for _, peer in rows(rule.get("to"))]
    return not peers or any("ipBlock" not in p or _within(address, table(p["ipBlock"]).get("cidr")) for p in peers)


def _within(address: Address, cidr: Any) -> bool:
    try:
        return ip_address(address.host) in ip_network(str(cidr), strict=False)
    except ValueError:  # a name: nobody knows here what it stands for
        return True
