"""The unit, the compose file and the manifests: they parse, and call commands and options that there are."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import typer
import yaml

from fleet_runtime.cli.app import build
from fleet_runtime.contracts import Value
from fleet_runtime.runtime.overseeing import Status
from fleet_runtime.settings import ENVIRONMENT_PREFIX, Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "examples" / "deploy"
PAGE = ROOT / "docs" / "operations.md"


def unit() -> configparser.RawConfigParser:
    read = configparser.RawConfigParser(strict=True, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    read.optionxform = str  # type: ignore[method-assign,assignment]
    read.read_string((DEPLOY / "fleet-worker@.service").read_text(encoding="utf-8"))
    return read


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def manifests() -> dict[str, dict[str, Any]]:
    read = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
    return {one["kind"]: one for one in read}


def container() -> dict[str, Any]:
    made: dict[str, Any] = manifests()["StatefulSet"]["spec"]["template"]["spec"]["containers"][0]
    return made


def dockerfile(word: str) -> list[str]:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    found: list[str] = json.loads(next(line.removeprefix(word) for line in lines if line.startswith(word)))
    return found


def calls() -> dict[str, list[str]]:
    """Return what each example calls, without the program's own name."""
    program, *words = shlex.split(unit()["Service"]["ExecStart"])
    assert program.endswith("/fleet")
    assert dockerfile("ENTRYPOINT") == ["fleet"]
    job = manifests()["Job"]["spec"]["template"]["spec"]["containers"][0]
    return {
        "systemd": words,
        "image": dockerfile("CMD"),
        **{f"compose {name}": one["command"] for name, one in compose()["services"].items() if name != "postgres"},
        "kubernetes": container()["args"],
        "kubernetes upgrade": job["args"],
    }


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


@pytest.mark.parametrize("name", sorted(calls()))
def test_every_call_is_one_that_the_program_takes(name: str) -> None:
    command: Any = typer.main.get_command(build())
    words = [word.replace("%i", "0") for word in calls()[name]]
    context = click.Context(command)
    while hasattr(command, "commands"):
        command = command.get_command(context, words.pop(0))
        assert command is not None, name
    command.make_context("fleet", words)  # refuses an option that there is not, and a value that cannot be


def test_every_worker_has_an_id_of_its_own_that_stays() -> None:
    assert "FLEET_WORKER_ID=%H-%i" in unit()["Service"]["Environment"]
    services = compose()["services"]
    ids = [one["environment"]["FLEET_WORKER_ID"] for name, one in services.items() if name.startswith("worker-")]
    assert ids == ["worker-0", "worker-1", "worker-2"]
    name = next(one for one in container()["env"] if one["name"] == "FLEET_WORKER_ID")
    assert name["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"


def test_what_is_set_is_a_setting() -> None:
    given = {
        *re.findall(r"\b(FLEET_\w+)=", unit()["Service"]["Environment"]),
        *compose()["services"]["worker-0"]["environment"],
        *(one["name"] for one in container()["env"]),
        *manifests()["Secret"]["stringData"],
    }
    ours = {name.removeprefix(ENVIRONMENT_PREFIX).lower() for name in given if name.startswith(ENVIRONMENT_PREFIX)}
    assert {"database", "worker_id"} <= ours <= set(Settings.model_fields)


def test_a_worker_gets_more_time_to_stop_than_it_takes_to_drain() -> None:
    service = unit()["Service"]
    assert (service["Restart"], service["KillSignal"]) == ("always", "SIGTERM")
    assert float(service["TimeoutStopSec"]) > float(option(calls()["systemd"], "--drain"))
    worker = compose()["services"]["worker-0"]
    assert float(worker["stop_grace_period"].removesuffix("s")) > float(option(worker["command"], "--drain"))
    pod = manifests()["StatefulSet"]["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > float(option(container()["args"], "--drain"))


def test_probes_ask_where_the_worker_answers() -> None:
    _, port = option(container()["args"], "--health").split(":")
    assert [one["containerPort"] for one in container()["ports"]] == [int(port)]
    paths = {name: container()[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/live", "liveness": "/live", "readiness": "/ready"}
    worker = compose()["services"]["worker-1"]
    assert f":{option(worker['command'], '--health').split(':')[1]}/ready" in worker["healthcheck"]["test"][-1]


def test_the_manifests_belong_together() -> None:
    found = manifests()
    labels = found["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
    assert found["StatefulSet"]["spec"]["selector"]["matchLabels"] == labels
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert found["Service"]["spec"]["selector"] == labels
    assert found["StatefulSet"]["spec"]["serviceName"] == found["Service"]["metadata"]["name"]
    assert found["PodDisruptionBudget"]["spec"]["maxUnavailable"] < found["StatefulSet"]["spec"]["replicas"]
    assert container()["envFrom"][0]["secretRef"]["name"] == found["Secret"]["metadata"]["name"]


def test_workers_wait_for_the_store_to_be_up_to_date() -> None:
    services = compose()["services"]
    assert services["worker-2"]["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
    assert services["upgrade"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", ["fleet-worker@.service", "Dockerfile", "compose.yaml", "kubernetes.yaml"])
def test_the_page_shows_the_files_as_they_are(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert re.search(rf"```\w+\n{re.escape(text)}```", PAGE.read_text(encoding="utf-8")), name


def test_the_fields_to_watch_are_those_of_the_status() -> None:
    named = re.findall(r"^\| `([a-z_.\[\]]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {"oldest_seconds", "queue.failed", "workers[].lapsed"} <= set(named)
    for name in named:
        kind: Any = Status
        for step in name.replace("[]", "").split("."):
            field = kind.model_fields[step]
            kind = next((one for one in _within(field.annotation) if issubclass(one, Value)), None)


def _within(annotation: Any) -> list[type]:
    """Return the classes that a type is made of."""
    if isinstance(annotation, type):
        return [annotation]
    return [kind for part in getattr(annotation, "__args__", ()) for kind in _within(part)]
