"""The embedded model, really measured: the assisted voice, and no say where routing is unsure."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest

from fleet_runtime import Fleet, Settings
from fleet_runtime.calibrations import CalibrationFile
from fleet_runtime.models.schema_tools import tool_calling_key
from fleet_runtime.weights import QWEN_CODER, cache_folder, ensure

pytestmark = pytest.mark.e2e


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a cache of its own with the weights of the machine's: what is measured here is in force nowhere else."""

    async def fetch() -> Path:
        return await ensure(QWEN_CODER, cache_folder(os.environ))

    weights = anyio.run(fetch).parent
    own = cache_folder({"XDG_CACHE_HOME": str(tmp_path)})
    own.mkdir(parents=True)
    for file in weights.iterdir():
        if file.is_file() and file.suffix != ".json":
            (own / file.name).symlink_to(file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return own


def test_the_embedded_model_is_measured_to_be_a_weak_author_and_judge(cache: Path) -> None:
    async def work() -> None:
        settings = Settings(model="embedded", database="none", embeddings="none")
        async with Fleet.open(settings=settings, resume=False) as fleet:
            voice = await fleet.calibrate_voice()
            print(voice.model_dump_json(indent=1), flush=True)  # noqa: T201 - a run of this test is also its report
            adjudication = await fleet.calibrate()
            print(adjudication.model_dump_json(indent=1), flush=True)  # noqa: T201 - as above
            info = fleet.model_info
        assert info is not None
        assert voice.voice == "assisted"
        assert not adjudication.earned
        kept = CalibrationFile(cache)
        assert kept.voice(info) == voice
        assert kept.tool_calling() == {tool_calling_key(info): False}

    anyio.run(work)
