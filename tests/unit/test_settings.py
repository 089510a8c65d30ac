"""Settings: argument over environment over file over default, and every mistake named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from fleet_runtime.errors import SettingError
from fleet_runtime.settings import RoleSettings, Settings, load_settings


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "fleet.toml"


def test_the_defaults_hold_where_nothing_is_set(toml: Path) -> None:
    assert load_settings() == load_settings({}, {}, toml) == Settings()
    assert (Settings().database, Settings().model, Settings().tenant) == (".fleet/fleet.db", "auto", "default")


def test_an_argument_beats_the_environment_which_beats_the_file(toml: Path) -> None:
    toml.write_text('tenant = "file"\nprofile = "file"\nroles = "file"\n')
    environment = {"FLEET_TENANT": "environment", "FLEET_PROFILE": "environment"}
    found = load_settings({"tenant": "argument", "profile": None}, environment, toml)
    assert (found.tenant, found.profile, found.roles) == ("argument", "environment", "file")


def test_numbers_come_as_text_from_the_environment() -> None:
    found = load_settings({}, {"FLEET_LEASE_SECONDS": "1", "FLEET_MODEL_ATTEMPTS": "2"})
    assert (found.lease_seconds, found.model_attempts) == (1.0, 2)


def test_openai_names_fill_only_what_is_not_set() -> None:
    theirs = {"OPENAI_BASE_URL": "http://theirs", "OPENAI_API_KEY": "their-key"}
    assert load_settings({}, theirs).base_url == "http://theirs"
    found = load_settings({}, {**theirs, "FLEET_BASE_URL": "http://ours"})
    assert (found.base_url, found.api_key) == ("http://ours", "their-key")
    assert load_settings({}, {"OPENAI_API_KEY": ""}).api_key is None


def test_a_role_has_its_own_guard_and_voice(toml: Path) -> None:
    toml.write_text('guard = "off"\n[role.support-agent]\nguard = "warn"\nvoice = "assisted"\n')
    found = load_settings({}, {}, toml)
    assert found.for_role("support-agent") == RoleSettings(guard="warn", voice="assisted")
    assert found.for_role("sales-lead") == RoleSettings(guard=None, voice=None)
    assert (found.guard_of("support-agent"), found.guard_of("sales-lead")) == ("warn", "off")
    assert load_settings({}, {}, None).guard_of("sales-lead") == "enforce"


@pytest.mark.parametrize(
    ("arguments", "environment", "file", "place", "key"),
    [
        ({"colour": "red"}, {}, "", "argument", "colour"),
        ({}, {"FLEET_COLOUR": "red"}, "", "environment", "colour"),
        ({}, {}, 'colour = "red"', "fleet.toml", "colour"),
        ({"engine": "steam"}, {}, "", "argument", "engine"),
        ({}, {"FLEET_LEASE_SECONDS": "soon"}, "", "environment", "lease_seconds"),
        ({}, {"FLEET_LEASE_SECONDS": "0"}, "", "environment", "lease_seconds"),
        ({}, {}, "model_attempts = 0", "fleet.toml", "model_attempts"),
        ({}, {}, '[role.x]\nguard = "sometimes"', "fleet.toml", "role.x.guard"),
        ({}, {}, '[role.x]\ncolour = "red"', "fleet.toml", "role.x.colour"),
        ({}, {}, 'role = "x"', "fleet.toml", "role"),
    ],
)
def test_a_mistake_names_its_place_and_key(  # noqa: PLR0913, PLR0917 - the columns of the table
    toml: Path, arguments: dict[str, str], environment: dict[str, str], file: str, place: str, key: str
) -> None:
    toml.write_text(file)
    with pytest.raises(SettingError) as caught:
        load_settings(arguments, environment, toml)
    assert place in caught.value.message
    assert repr(key) in caught.value.message
    assert caught.value.hint


def test_an_unknown_setting_lists_the_known_ones() -> None:
    with pytest.raises(SettingError) as caught:
        load_settings({}, {"FLEET_DATABSE": "x"})
    assert "database" in caught.value.hint


@pytest.mark.parametrize("content", [b"tenant = ", b"\xff\xfe", b"tenant = 'a'\ntenant = 'b'"])
def test_a_file_that_is_no_toml_is_named(toml: Path, content: bytes) -> None:
    toml.write_bytes(content)
    with pytest.raises(SettingError, match=r"fleet\.toml"):
        load_settings({}, {}, toml)


def test_a_file_that_cannot_be_read_is_named(toml: Path) -> None:
    toml.mkdir()
    with pytest.raises(SettingError, match=r"fleet\.toml: cannot be read"):
        load_settings({}, {}, toml)


def test_a_key_is_never_shown_in_a_repr_or_an_error() -> None:
    assert "secret-key" not in repr(Settings(api_key="secret-key"))
    with pytest.raises(SettingError) as caught:
        load_settings({"api_key": ["secret-key"]})
    assert "secret-key" not in str(caught.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().tenant = "other"  # type: ignore[misc]
