"""A transport for ``httpx2``: HTTP/1.1 straight over asyncio, its connections kept and used again, the last used first.

The transport that comes with ``httpx2`` looks through all its connections at each request and goes through three more
layers: two thirds of a call's time where the endpoint is quick. This one knows no proxies, no HTTP/2 and no time-outs:
who calls it bounds it in time and in number, and `http_client` takes the other transport where a proxy stands between.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from urllib.request import getproxies, proxy_bypass

import httpx2
import openai

from fleet_runtime.models.framing import END_OF_HEAD, Chunks, Head, read_head

MOST_HEAD = 65_536
MOST_UNREAD = 262_144
IDLE_SECONDS = 30.0
"""How long an unused connection is trusted: then the other side, or something between, may have forgotten it."""

_Origin = tuple[str, str, int]


def http_client(base_url: str, *, at_once: int) -> httpx2.AsyncClient:
    """Return an HTTP client for an endpoint, as the ``openai`` package would make it but for the transport."""
    url = httpx2.URL(base_url)
    if {url.scheme, "all"} & getproxies().keys() and not proxy_bypass(url.host):
        limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        return openai.DefaultAsyncHttpxClient(limits=limits)
    return openai.DefaultAsyncHttpxClient(transport=Connections())


class Connections(httpx2.AsyncBaseTransport):
    """The connections to all origins that were asked for."""

    def __init__(self) -> None:
        """Connect to nothing yet."""
        self._idle: dict[_Origin, list[_Connection]] = {}
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return its answer, with its body if the length is known.

        Raises: httpx2.TransportError and its kinds.
        """
        url = request.url
        origin = url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)
        body = await request.aread()
        connection = self._kept(origin) or await self._connected(origin)
        try:
            connection.send(_written(request), body)
            head = await connection.head()
            if head.length is None:
                return httpx2.Response(head.status, headers=head.headers, stream=_Body(connection, head, self._keep))
            content = await connection.exactly(head.length)
        except BaseException:
            connection.close()
            raise
        self._keep(connection, head)
        return httpx2.Response(head.status, headers=head.headers, stream=httpx2.ByteStream(content))

    async def aclose(self) -> None:
        """Close what is not in use; what is closes with its answer."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def _kept(self, origin: _Origin) -> _Connection | None:
        """Take the connection that was used last, if one can still be used."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.usable():
                return connection
            connection.close()
        return None

    def _keep(self, connection: _Connection, head: Head) -> None:
        """Put a connection back once its answer is read, if the other side keeps it too."""
        if head.lasting and connection.rest():
            self._idle.setdefault(connection.origin, []).append(connection)
        else:
            connection.close()

    async def _connected(self, origin: _Origin) -> _Connection:
        """Open a connection.

        Raises: httpx2.ConnectError.
        """
        scheme, host, port = origin
        if scheme == "https" and self._tls is None:
            self._tls = httpx2.create_ssl_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(
                lambda: _Connection(loop, origin), host, port, ssl=self._tls if scheme == "https" else None
            )
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection: what came and is not read yet, and who waits for more. One request at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, origin: _Origin) -> None:
        self.origin = origin
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._waiting: asyncio.Future[None] | None = None
        self._ended = False
        self._error: Exception | None = None
        self._idle_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what came; whoever reads too slowly makes the other side wait."""
        self._unread += data
        if self._transport and len(self._unread) > MOST_UNREAD:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note that the other side says no more; asyncio then closes the connection."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing more will come, and why."""
        self._ended = True
        self._error = exc
        self._wake()

    def usable(self) -> bool:
        """Say whether a request may be sent: in this loop, not idle for long, and nothing came unasked."""
        if self._loop is not asyncio.get_running_loop() or self._ended or self._unread or self._idle_since is None:
            return False
        return self._loop.time() - self._idle_since < IDLE_SECONDS

    def rest(self) -> bool:
        """Be idle from now on; False if it cannot be used again."""
        self._idle_since = self._loop.time()
        return not self._ended and not self._unread

    def close(self) -> None:
        """Break the connection off; of a loop that is over, it is already."""
        if self._transport and not self._loop.is_closed():
            self._transport.abort()

    def send(self, head: bytes, body: bytes) -> None:
        """Hand a request to the operating system, which takes it when it can: it is in memory already.

        Raises: httpx2.WriteError if the connection is gone.
        """
        if self._transport is None or self._ended:
            raise httpx2.WriteError("the connection is closed")
        self._transport.write(head + body)

    async def head(self) -> Head:
        """Read the answer's head; provisional ones before it are passed over.

        Raises: httpx2.RemoteProtocolError, httpx2.ReadError.
        """
        while True:
            while (end := self._unread.find(END_OF_HEAD)) < 0:
                if len(self._unread) > MOST_HEAD:
                    raise httpx2.RemoteProtocolError("the answer's head does not end")
                if not await self._more():
                    raise httpx2.RemoteProtocolError("the endpoint closed the connection without an answer")
            try:
                head = read_head(bytes(self._unread[:end]))
            except ValueError as error:
                raise httpx2.RemoteProtocolError(str(error)) from error
            del self._unread[: end + len(END_OF_HEAD)]
            if not head.provisional:
                return head

    async def exactly(self, length: int) -> bytes:
        """Read a body of a known length.

        Raises: httpx2.RemoteProtocolError, httpx2.ReadError.
        """
        while len(self._unread) < length:
            if not await self._more():
                raise httpx2.RemoteProtocolError(f"the answer broke off: {len(self._unread)} of {length} bytes came")
        content = bytes(self._unread[:length])
        del self._unread[:length]
        return content

    async def some(self) -> bytes:
        """Read what there is, at least a byte; none once the other side closed the connection.

        Raises: httpx2.ReadError.
        """
        if not self._unread and not await self._more():
            return b""
        content = bytes(self._unread)
        self._unread.clear()
        return content

    def give_back(self, unread: bytes) -> None:
        """Put back what was read too far."""
        self._unread[:0] = unread

    async def _more(self) -> bool:
        """Wait until more came; False if nothing will.

        Raises: httpx2.ReadError if the connection broke.
        """
        if not self._ended:
            if self._transport:
                self._transport.resume_reading()
            before, self._waiting = len(self._unread), self._loop.create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
            if len(self._unread) > before:
                return True
        if self._error:
            raise httpx2.ReadError(str(self._error)) from self._error
        return False

    def _wake(self) -> None:
        """Wake whoever waits."""
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)


class _Body(httpx2.AsyncByteStream):
    """A body whose end is not known beforehand."""

    def __init__(self, connection: _Connection, head: Head, keep: Callable[[_Connection, Head], None]) -> None:
        self._connection = connection
        self._head = head
        self._keep = keep
        self._whole = False

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """Give what comes as it comes.

        Raises: httpx2.RemoteProtocolError, httpx2.ReadError.
        """
        chunks = Chunks() if self._head.chunked else None
        while read := await self._connection.some():
            if chunks is None:
                yield read
                continue
            try:
                content = chunks.feed(read)
            except ValueError as error:
                raise httpx2.RemoteProtocolError(str(error)) from error
            if content:
                yield content
            if chunks.done:
                self._connection.give_back(chunks.rest)
                self._whole = True
                return
        if chunks is not None:
            raise httpx2.RemoteProtocolError("the answer broke off between its chunks")

    async def aclose(self) -> None:
        """Give the connection back if the body was read to its end, else break it off."""
        if self._whole:
            self._whole = False
            self._keep(self._connection, self._head)
        else:
            self._connection.close()


def _written(request: httpx2.Request) -> bytes:
    """Write a request's head."""
    lines = [b"%b: %b\r\n" % header for header in request.headers.raw]
    return b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method.encode(), request.url.raw_path, b"".join(lines))
