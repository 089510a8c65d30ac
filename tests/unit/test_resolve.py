"""Which model is chosen, by which rule, and what is said where none can be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest
from fake_endpoint import Answer, as_json, fake_endpoint, refusal

from fleet_runtime.errors import MissingExtra, ModelRefused, ModelUnreachable, SettingError
from fleet_runtime.models import resolve
from fleet_runtime.models.listing import LocalServer
from fleet_runtime.models.resolve import Resolution, describe_resolution, resolve_model
from fleet_runtime.settings import Settings, load_settings
from fleet_runtime.weights import QWEN_CODER

MODELS = as_json({"object": "list", "data": [{"id": "text-embed-x"}, {"id": "chat-1"}, {"id": "chat-2"}]})


@pytest.fixture(autouse=True)
def no_local_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to run on this machine has no say in these tests."""
    monkeypatch.setattr(resolve, "LOCAL_SERVERS", ())


def described(settings: Settings, cache: Path, environment: Mapping[str, str] | None = None) -> Resolution:
    async def work() -> Resolution:
        return await describe_resolution(settings, environment=environment or {}, cache=cache)

    return anyio.run(work)


def described_with_local(
    settings: Settings, cache: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> Resolution:
    """Describe while a server answers at a local server's port."""

    async def work() -> Resolution:
        async with fake_endpoint(answer) as endpoint:
            port = int(endpoint.base_url.split(":")[2].split("/")[0])
            monkeypatch.setattr(resolve, "LOCAL_SERVERS", (LocalServer(name="Ollama", port=port),))
            monkeypatch.setattr(resolve, "PROBE_SECONDS", 5.0)  # a busy test machine is no verdict
            return await describe_resolution(settings, environment={}, cache=cache)

    return anyio.run(work)


def test_none_means_no_model(tmp_path: Path) -> None:
    async def work() -> None:
        assert await resolve_model(Settings(model="none"), environment={}, cache=tmp_path) is None

    anyio.run(work)
    assert described(Settings(model="none"), tmp_path).info is None
    assert "none" in str(described(Settings(model="none"), tmp_path))


def test_a_named_model_at_a_set_endpoint_is_taken_unasked(tmp_path: Path) -> None:
    async def work() -> None:
        settings = load_settings({}, {"FLEET_MODEL": "big-1", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1/"})
        model = await resolve_model(settings, environment={}, cache=tmp_path)
        assert model is not None
        assert (model.info.name, model.info.endpoint) == ("big-1", "http://127.0.0.1:9/v1")
        assert (model.info.kind, model.info.voice) == ("endpoint", "free")
        assert "base_url" in model.info.reason
        await model.close()

    anyio.run(work)


def test_openais_own_variable_names_the_model(tmp_path: Path) -> None:
    found = described(Settings(api_key="k"), tmp_path, {"OPENAI_DEFAULT_MODEL": "big-2"})
    assert found.info is not None
    assert (found.info.name, found.info.endpoint) == ("big-2", "https://api.openai.com/v1")


def test_a_key_alone_means_openai_and_a_sensible_model(tmp_path: Path) -> None:
    found = described(Settings(api_key="k"), tmp_path)
    assert found.info is not None
    assert found.info.name == resolve.OPENAI_MODEL
    assert "API key" in found.info.reason


def test_where_no_model_is_named_the_first_listed_chat_model_is_taken(tmp_path: Path) -> None:
    async def work() -> None:
        async with fake_endpoint(MODELS) as endpoint:
            settings = Settings(base_url=endpoint.base_url, api_key="k")
            found = await describe_resolution(settings, environment={}, cache=tmp_path)
            assert found.info is not None
            assert found.info.name == "chat-1"
            assert endpoint.asked[0].path == "/v1/models"
            assert endpoint.asked[0].headers["authorization"] == "Bearer k"

    anyio.run(work)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(refusal(401), ModelRefused), (as_json({"data": []}), ModelRefused), (refusal(500), ModelUnreachable)],
)
def test_an_endpoint_that_was_set_and_fails_is_an_error(answer: Answer, error: type[Exception], tmp_path: Path) -> None:
    async def work() -> None:
        async with fake_endpoint(answer) as endpoint:
            with pytest.raises(error):
                await describe_resolution(Settings(base_url=endpoint.base_url), environment={}, cache=tmp_path)

    anyio.run(work)


def test_a_local_server_is_taken_only_if_it_has_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = described_with_local(Settings(), tmp_path, MODELS, monkeypatch)
    assert found.info is not None
    assert (found.info.kind, found.info.name) == ("endpoint", "chat-1")
    assert "Ollama" in found.info.reason
    for answer in (as_json({"data": None}), as_json({"data": [{"id": "text-embed-x"}]}), refusal(404)):
        found = described_with_local(Settings(), tmp_path, answer, monkeypatch)
        assert found.info is not None
        assert found.info.kind == "embedded"


def test_a_name_chooses_among_a_local_servers_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = described_with_local(Settings(model="chat-2"), tmp_path, MODELS, monkeypatch)
    assert found.info is not None
    assert found.info.name == "chat-2"


def test_a_name_without_any_endpoint_is_a_setting_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as caught:
        described(Settings(model="big-1"), tmp_path)
    assert "base_url" in caught.value.hint


def test_nothing_configured_means_the_embedded_model_and_fetches_nothing(tmp_path: Path) -> None:
    found = described(Settings(), tmp_path / "cache")
    assert found.info is not None
    assert (found.info.kind, found.info.voice) == ("embedded", "assisted")
    assert "small local model" in found.info.description
    assert (found.weights_present, found.bytes_to_fetch) == (False, QWEN_CODER.size)
    assert "1117 MB" in str(found)
    assert not (tmp_path / "cache").exists()


def test_embedded_goes_before_a_set_endpoint_when_asked_for(tmp_path: Path) -> None:
    found = described(Settings(model="embedded", api_key="k"), tmp_path)
    assert found.info is not None
    assert found.info.kind == "embedded"


def test_weights_of_ones_own_are_called_by_their_name(tmp_path: Path) -> None:
    file = tmp_path / "other.gguf"
    with pytest.raises(SettingError, match=r"other\.gguf"):
        described(Settings(model_file=str(file)), tmp_path)
    file.write_bytes(b"GGUF")
    found = described(Settings(model_file=str(file)), tmp_path)
    assert found.info is not None
    assert found.info.description.startswith("other, a small local model")
    assert found.bytes_to_fetch == 0


def test_without_the_extra_nothing_is_fetched_and_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finds_nothing(_name: str) -> None:
        """Stand for an environment without the extra."""

    monkeypatch.setattr(resolve, "find_spec", finds_nothing)
    assert "fleet-runtime[local]" in described(Settings(), tmp_path).missing

    async def work() -> None:
        with pytest.raises(MissingExtra) as caught:
            await resolve_model(Settings(), environment={}, cache=tmp_path / "cache")
        assert "OPENAI_API_KEY" in caught.value.hint

    anyio.run(work)
    assert not (tmp_path / "cache").exists()
