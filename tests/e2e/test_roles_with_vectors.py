"""A boundary deleted from a shipped contract is missed by `fleet test-roles`, with the real vectors."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from outcomes import cli

from fleet_runtime import documents
from fleet_runtime.embedding import PACKAGES
from fleet_runtime.weights import MINILM, MINILM_TOKENIZER, cache_folder, is_present

CSM = "customer-success-manager"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not all(is_present(weights, cache_folder(os.environ)) for weights in (MINILM, MINILM_TOKENIZER)),
        reason="the sentence encoder is not in the cache",
    ),
]


def outcome_of(*arguments: str) -> tuple[int, dict[str, Any]]:
    status, out, err = cli("test-roles", CSM, "--json", *arguments)
    assert out, err
    return status, json.loads(out)


def without_boundary(text: str, beginning: str) -> str:
    """Delete a boundary with the messages under it."""
    bullets = re.split(r"(?m)^(?=- \*\*|## )", text)
    kept = [bullet for bullet in bullets if not bullet.startswith(f"- **{beginning}")]
    assert len(kept) == len(bullets) - 1
    return "".join(kept)


@pytest.mark.parametrize("recording", [False, True])
def test_a_deleted_boundary_of_the_customer_success_manager_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    recording: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    for package in PACKAGES:
        pytest.importorskip(package)
    for name in [name for name in os.environ if name.startswith("FLEET_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    shipped = (documents.shipped("roles") / f"{CSM}.md").read_text(encoding="utf-8")
    own = tmp_path / "roles" / f"{CSM}.md"
    own.parent.mkdir()
    own.write_text(shipped, encoding="utf-8")
    before, sound = outcome_of(*(("--record", "roles.probes.jsonl") if recording else ()))
    assert (before, sound["failures"], sound["words_only"]) == (0, 0, False)
    own.write_text(without_boundary(shipped, "Does NOT run the initial sale"), encoding="utf-8")
    after, missed = outcome_of()
    assert after == 1
    origins = {broken["origin"] for broken in missed["broken"] if broken["text"].startswith("Does NOT run the initial")}
    assert origins == ({"shipped", "recorded"} if recording else {"shipped"})
