"""The way to an adapter that cannot be pointed elsewhere: its client's requests for one origin go to the replay server.

    with intercepted([Origin("api.vendor.com", 443)], scene.base_url) as seen:
        ...            # httpx.post("https://api.vendor.com/v1/…") arrives at the scene as /v1/…
    seen.answered      # where those that got their answer this way were meant to go

respx says which requests these are, of httpx and of httpx2. It makes no answers: the client's own connection pool sends
the request to the server, so timeouts, resets, TLS and what is read in which pieces stay real.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple
from urllib.parse import urlsplit

CORES = ("httpcore", "httpcore2")  # of httpx and of httpx2


class Unavailable(Exception):
    """Nothing can be intercepted; says what to install."""


class Origin(NamedTuple):
    host: str
    port: int | None = None  # None: any

    def __str__(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @classmethod
    def of_url(cls, url: str) -> Origin:
        """Raises ValueError where it is no address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address such as https://api.vendor.com")
        return cls(parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme])

    @classmethod
    def of_breach(cls, breach: str) -> Origin:
        """Of what the guard noted: "api.vendor.com:443", or a host alone."""
        host, _, port = breach.rpartition(":")
        return cls(host, int(port)) if host and port.isdigit() else cls(breach)


@dataclass
class Seen:
    """What passed. A request that the client could not send, or that broke, is none of the answered."""

    answered: list[Origin] = field(default_factory=list)  # where each was meant to go, in order


@contextmanager
def intercepted(origins: Sequence[Origin], base_url: str) -> Iterator[Seen]:
    """Sends what goes to the origins below `base_url`, path and headers as they are. One at a time in a process.

    Raises `Unavailable`.
    """
    respx, seen = _respx(), Seen()
    with ExitStack() as undo:
        for core in filter(find_spec, CORES):
            mocker = _mocker(core)
            mocker.target, mocker.seen = urlsplit(base_url), seen
            router = undo.enter_context(respx.MockRouter(using=mocker.name, assert_all_called=False))
            for origin in origins:
                port = {} if origin.port is None else {"port": origin.port}
                mocker.routes[id(router.route(host=origin.host, **port).pass_through())] = origin
            router.route().pass_through()
            undo.callback(mocker.routes.clear)
        yield seen


def _respx() -> Any:
    try:
        import respx  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        raise Unavailable("install it with: pip install 'provider-conformance[intercept]'") from None
    return respx


@cache
def _mocker(core: str) -> Any:
    """respx's patch of a connection pool, once for each core: the registry of these classes knows no end."""
    from respx import mocks, models  # noqa: PLC0415 - see above

    class Redirects(mocks.HTTPCoreMocker):
        name = f"conformance-{core}"
        targets = [f"{core}.ConnectionPool", f"{core}.AsyncConnectionPool"]  # noqa: RUF012 - respx makes it a ClassVar
        target: Any = None
        seen = Seen()
        routes: dict[int, Origin] = {}  # noqa: RUF012 - by the id of the route, which has no hash

        @classmethod
        def prepare_sync_request(cls, httpx_request: Any, **kwargs: Any) -> Any:
            return httpx_request, kwargs  # respx would read the body; it is sent as it comes

        @classmethod
        async def prepare_async_request(cls, httpx_request: Any, **kwargs: Any) -> Any:
            return httpx_request, kwargs

        @classmethod
        def _send_sync_request(cls, httpx_request: Any, *, target_spec: Any, instance: Any, **kwargs: Any) -> Any:
            origin = cls.redirect(httpx_request, **kwargs)
            response = target_spec(instance, **kwargs)
            cls.seen.answered += origin
            return response

        @classmethod
        async def _send_async_request(
            cls, httpx_request: Any, *, target_spec: Any, instance: Any, **kwargs: Any
        ) -> Any:
            origin = cls.redirect(httpx_request, **kwargs)
            response = await target_spec(instance, **kwargs)
            cls.seen.answered += origin
            return response

        @classmethod
        def redirect(cls, httpx_request: Any, request: Any) -> list[Origin]:
            """Gives the request, as the core sends it, its new address; the old one's origin, if it is one of ours."""
            try:
                cls.handler(httpx_request)  # type: ignore[no-untyped-call]
            except models.PassThrough as matched:
                origin = cls.routes.get(id(matched.origin))
            if origin is None:
                return []
            request.url = type(request.url)(
                scheme=cls.target.scheme.encode(),
                host=cls.target.hostname.encode(),
                port=cls.target.port,
                target=cls.target.path.encode() + request.url.target,
            )
            return [origin]

    return Redirects
