"""How the transport reads HTTP/1.1, and when it uses a connection again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.models.connections import Connections, http_client
from fleet_runtime.models.framing import Chunks, read_head

OK = b"HTTP/1.1 200 OK\r\n"
PLAIN = OK + b"Content-Length: 2\r\n\r\nhi"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Server:
    """Answers the requests of each connection by a script of bytes, and counts the connections."""

    def __init__(self, answers: Sequence[bytes], *, closes: bool) -> None:
        self.answers = list(answers)
        self.closes = closes
        self.connections = 0
        self.asked: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"(?i)content-length: (\d+)", head)
                self.asked.append(head + await reader.readexactly(int(found[1]) if found else 0))
                for part in re.split(rb"(?<=\|)", self.answers.pop(0)):
                    writer.write(part.rstrip(b"|"))
                    await writer.drain()
                    await asyncio.sleep(0.005)
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away
        finally:
            writer.close()


@asynccontextmanager
async def served(*answers: bytes, closes: bool = False) -> AsyncGenerator[tuple[httpx2.AsyncClient, Server]]:
    """A client on the transport, and a server; ``|`` in an answer is where it is cut into writes."""
    server = Server(answers, closes=closes)
    running = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}/v1?x=1"
    async with httpx2.AsyncClient(transport=Connections()) as client:
        yield client, server
    running.close()


async def asked(client: httpx2.AsyncClient, server: Server) -> tuple[int, bytes]:
    """Send a request; return the answer's status and body."""
    response = await client.post(server.url, content=b"{}", headers={"x-hint": "ok"})
    return response.status_code, response.content


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (PLAIN, 200, b"hi"),
        (b"HTTP/1.1 2|00 OK\r\ncontent-len|gth: 2\r|\n\r\nh|i", 200, b"hi"),
        (b"HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PLAIN, 200, b"hi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", 500, b""),
        (CHUNKED + b"2;x=y\r\nhi\r\n0\r\n\r\n", 200, b"hi"),
        (CHUNKED + b"1\r|\nh|\r\n00A\r\n012345|6789\r\n0\r\nTrailer: x\r\n\r|\n", 200, b"h0123456789"),
        (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi"),
    ],
)
def test_answers_are_read_and_the_connection_is_used_again(answer: bytes, status: int, body: bytes) -> None:
    async def work() -> None:
        async with served(answer, PLAIN) as (client, server):
            assert await asked(client, server) == (status, body)
            assert await asked(client, server) == (200, b"hi")
        assert server.connections == 1
        assert server.asked[0].startswith(b"POST /v1?x=1 HTTP/1.1\r\n")
        assert server.asked[0].endswith(b"\r\n\r\n{}")
        assert b"x-hint: ok\r\n" in server.asked[0]

    asyncio.run(work())


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        PLAIN + b" and more",
    ],
)
def test_a_connection_that_will_not_last_is_not_used_again(answer: bytes) -> None:
    async def work() -> None:
        async with served(answer, PLAIN) as (client, server):
            assert await asked(client, server) == (200, b"hi")
            assert await asked(client, server) == (200, b"hi")
        assert server.connections == 2

    asyncio.run(work())


def test_a_body_without_a_length_lasts_as_long_as_the_connection() -> None:
    async def work() -> None:
        async with served(OK + b"\r\nhi |there", closes=True) as (client, server):
            assert await asked(client, server) == (200, b"hi there")

    asyncio.run(work())


def test_a_connection_that_the_other_side_closed_meanwhile_is_not_used() -> None:
    async def work() -> None:
        async with served(PLAIN, PLAIN, closes=True) as (client, server):
            await asked(client, server)
            await asyncio.sleep(0.05)
            assert await asked(client, server) == (200, b"hi")
        assert server.connections == 2

    asyncio.run(work())


def test_the_connection_used_last_is_used_next() -> None:
    async def work() -> None:
        async with served(*[PLAIN] * 9) as (client, server):
            await asyncio.gather(*(asked(client, server) for _ in range(3)))
            for _ in range(6):
                await asked(client, server)
        assert server.connections == 3

    asyncio.run(work())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b" folded: x\r\n\r\n",
        OK + b"Content-Length: two\r\n\r\nhi",
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
        OK + b"Content-Length: 9\r\n\r\nhi",
        OK + b"X: " + b"y" * 70_000 + b"|" + b"y" * 70_000,
        CHUNKED + b"2\r\nhi",
        CHUNKED + b"2\r\nhi!\r\n",
        CHUNKED + b"-2\r\nhi\r\n",
        CHUNKED + b"xyz\r\n",
        CHUNKED + b"1" * 20_000,
    ],
)
def test_what_breaks_the_rules_or_off_is_a_transport_error(answer: bytes) -> None:
    async def work() -> None:
        async with served(answer, closes=True) as (client, server):
            with pytest.raises(httpx2.TransportError) as caught:
                await asked(client, server)
        assert str(caught.value)

    asyncio.run(work())


def test_a_request_that_is_given_up_closes_its_connection() -> None:
    async def work() -> None:
        async with served(OK + b"Content-Length: 9\r\n\r\nhi", PLAIN) as (client, server):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await asked(client, server)
            assert await asked(client, server) == (200, b"hi")
        assert server.connections == 2

    asyncio.run(work())


def test_a_stream_that_is_left_early_closes_its_connection() -> None:
    async def work() -> None:
        async with served(CHUNKED + b"2\r\nhi\r\n|2\r\nho\r\n", PLAIN) as (client, server):
            async with client.stream("POST", server.url) as response:
                async for read in response.aiter_bytes():
                    assert read == b"hi"
                    break
            assert await asked(client, server) == (200, b"hi")
        assert server.connections == 2

    asyncio.run(work())


def test_a_slow_reader_makes_the_other_side_wait_and_loses_nothing() -> None:
    async def work() -> None:
        body = b"x" * 2_000_000
        async with served(OK + b"\r\n" + body, closes=True) as (client, server):
            read = 0
            async with client.stream("POST", server.url) as response:
                async for part in response.aiter_bytes():
                    read += len(part)
                    await asyncio.sleep(0.001)
        assert read == len(body)

    asyncio.run(work())


def test_nothing_there_is_a_connect_error() -> None:
    async def work() -> None:
        async with served() as (client, server):
            url = server.url
        async with httpx2.AsyncClient(transport=Connections()) as client:
            with pytest.raises(httpx2.ConnectError):
                await client.post(url)

    asyncio.run(work())


def test_a_connection_of_another_loop_is_not_used() -> None:
    transport = Connections()

    async def work() -> None:
        async with served(PLAIN) as (_, server):
            client = httpx2.AsyncClient(transport=transport)
            assert await asked(client, server) == (200, b"hi")

    asyncio.run(work())
    asyncio.run(work())
    asyncio.run(transport.aclose())


def test_a_proxy_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(url: str) -> bool:
        async with http_client(url, at_once=3) as client:
            return isinstance(client._transport, Connections)

    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "models.example.com")
    assert asyncio.run(work("http://api.example.com/v1"))
    assert not asyncio.run(work("https://api.example.com/v1"))
    assert asyncio.run(work("https://models.example.com/v1"))


@given(st.lists(st.binary(min_size=1, max_size=40)), st.sets(st.integers(0, 400)))
def test_a_chunked_body_does_not_depend_on_how_it_is_cut(parts: list[bytes], cuts: set[int]) -> None:
    frame = b"".join(b"%X\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX: y\r\n\r\nnext"
    places = [0, *sorted(cut for cut in cuts if 0 < cut < len(frame)), len(frame)]
    chunks, body, rest = Chunks(), b"", b""
    for start, stop in pairwise(places):
        if chunks.done:
            rest += frame[start:stop]
        else:
            body += chunks.feed(frame[start:stop])
    assert chunks.done
    assert body == b"".join(parts)
    assert chunks.rest + rest == b"next"


@given(st.binary(max_size=80))
def test_any_bytes_are_a_head_or_a_value_error(text: bytes) -> None:
    _either(lambda: read_head(text))
    _either(lambda: read_head(b"HTTP/1.1 200 OK\r\n" + text))
    _either(lambda: Chunks().feed(text))


def _either(call: Callable[[], object]) -> None:
    """Call, and take a ValueError."""
    try:
        call()
    except ValueError:
        return
