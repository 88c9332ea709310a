from pathlib import Path
from typing import Any

import pytest

from service.settings import BUNDLED_MODEL, RENAMED, RETIRED, Settings, SettingsError, load_settings, retired_settings


def test_the_defaults_are_safe() -> None:
    settings = load_settings()
    assert settings.host == "127.0.0.1"
    assert settings.model == BUNDLED_MODEL
    assert settings.redis_url is None
    assert settings.impressions is None
    assert settings.experiment is None
    assert settings.heads is None


def test_what_is_given_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_RANK_PORT", "1234")
    monkeypatch.setenv("EDGE_RANK_MODEL", "/elsewhere")
    settings = load_settings(port=4321, model=None)
    assert settings.port == 4321
    assert settings.model == Path("/elsewhere")


def test_the_address_that_kubernetes_puts_into_the_environment_is_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_RANK_PORT", "tcp://10.96.0.12:80")
    monkeypatch.setenv("EDGE_RANK_SERVICE_HOST", "10.96.0.12")
    monkeypatch.setenv("EDGE_RANK_SERVICE_PORT", "80")
    monkeypatch.setenv("EDGE_RANK_PORT_80_TCP", "tcp://10.96.0.12:80")
    assert load_settings().port == 8000
    assert load_settings(port=8080).port == 8080
    monkeypatch.setenv("EDGE_RANK_PORT", "tcp://elsewhere/80")
    with pytest.raises(SettingsError, match="EDGE_RANK_PORT"):
        load_settings()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"port": 0}, "EDGE_RANK_PORT"),
        ({"host": ""}, "EDGE_RANK_HOST"),
        ({"log_level": "loud"}, "EDGE_RANK_LOG_LEVEL"),
        ({"redis_url": "http://redis"}, "must start with redis://"),
        ({"redis_url": "redis://host:port/0"}, "not a valid Redis URL"),
        ({"redis_url": "redis://host/0?socket_timeout=long"}, "not a valid Redis URL"),
        ({"redis_url": "redis://host/3", "redis_cluster": True}, "only the database 0"),
        ({"redis_url": "unix:///run/redis.sock", "redis_cluster": True}, "not unix://"),
        ({"rollout": "rollout.toml"}, "set models"),
        ({"max_candidates": 0}, "EDGE_RANK_MAX_CANDIDATES"),
        ({"max_windows": 0}, "EDGE_RANK_MAX_WINDOWS"),
        ({"max_windows": 65}, "EDGE_RANK_MAX_WINDOWS"),
        ({"redis_timeout_ms": float("inf")}, "EDGE_RANK_REDIS_TIMEOUT_MS"),
        ({"store": "lmdb"}, "memory, redis, or the path of a folder"),
        ({"store": "redis"}, "redis_url"),
        ({"store": "memory", "workers": 2}, "several workers do not share"),
        ({"store_bytes": 1}, "EDGE_RANK_STORE_BYTES"),
        ({"prefix": "Shop"}, "EDGE_RANK_PREFIX"),
        ({"prefix": "a" * 33}, "EDGE_RANK_PREFIX"),
        ({"memory_ttl_s": 100, "feature_ttl_s": 10}, "must not exceed feature_ttl_s"),
        ({"impressions_max_bytes": 10}, "EDGE_RANK_IMPRESSIONS_MAX_BYTES"),
        ({"remembered_impressions": -1}, "EDGE_RANK_REMEMBERED_IMPRESSIONS"),
        ({"keep_alive_s": 0}, "EDGE_RANK_KEEP_ALIVE_S"),
        ({"keep_alive_s": float("nan")}, "EDGE_RANK_KEEP_ALIVE_S"),
        ({"body_timeout_s": -1}, "EDGE_RANK_BODY_TIMEOUT_S"),
        ({"header_timeout_s": 3600}, "EDGE_RANK_HEADER_TIMEOUT_S"),
        ({"send_timeout_s": 0}, "EDGE_RANK_SEND_TIMEOUT_S"),
        ({"max_header_bytes": 10}, "EDGE_RANK_MAX_HEADER_BYTES"),
        ({"max_connections": 1}, "EDGE_RANK_MAX_CONNECTIONS"),
        ({"max_total_body_bytes": 3_000_000}, "at least 8 times max_body_bytes"),
        ({"probe_port": 8000}, "probe_port must differ"),
        ({"prot": 1}, "EDGE_RANK_PROT"),
    ],
)
def test_nonsense_is_refused_in_one_line(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(**given)
    assert "\n" not in str(caught.value)


def test_a_secret_is_never_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(redis_url="rdis://user:hunter2@host")
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(load_settings(redis_url="redis://user:hunter2@host"))


@pytest.mark.parametrize(
    ("given", "served"),
    [
        ({}, True),
        ({"playground": False}, False),
        ({"environment": "production", "allow_anonymous": True}, False),
        ({"environment": "production", "allow_anonymous": True, "playground": True}, True),
    ],
)
def test_the_playground_is_off_in_production_unless_it_is_switched_on(given: dict[str, Any], served: bool) -> None:
    assert load_settings(**given).serves_playground is served


SAFE: dict[str, Any] = {"environment": "production", "api_keys_file": "keys.toml"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"api_keys_file": None, "allow_anonymous": True},
        {"redis_url": "redis://localhost:6379/0"},
        {"redis_url": "redis://:secret@redis.internal:6379/0"},
        {"redis_url": "rediss://redis.internal:6379/0"},
        {"redis_url": "unix:///run/redis.sock"},
    ],
)
def test_what_is_safe_may_be_in_production(changes: dict[str, Any]) -> None:
    Settings(**{**SAFE, **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"api_keys_file": None}, "set api_keys_file"),
        ({"log_level": "debug"}, "log_level must not be debug"),
        ({"redis_url": "redis://redis.internal:6379/0"}, "needs a password"),
        ({"redis_url": "rediss://redis.internal:6379/0?ssl_cert_reqs=none"}, "must be verified"),
    ],
)
def test_what_is_not_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(**{**SAFE, **changes})
    load_settings(**{**SAFE, **changes, "environment": "development"})


def test_a_setting_that_decides_nothing_any_more_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert retired_settings() == {}
    monkeypatch.setenv("EDGE_RANK_QUEUE_TOKENS", "1000")
    assert set(retired_settings()) == {"EDGE_RANK_QUEUE_TOKENS"}
    assert load_settings().deadline_ms == 5000
    assert RETIRED.keys().isdisjoint(Settings.model_fields)


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_the_former_name_of_a_setting_is_refused_with_the_new_one(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert new in Settings.model_fields
    assert old not in Settings.model_fields
    with pytest.raises(SettingsError, match=f"is now called {new} "):
        load_settings(**{old: 1})
    monkeypatch.setenv(f"EDGE_RANK_{old.upper()}", "1")
    with pytest.raises(SettingsError, match=f"EDGE_RANK_{new.upper()}"):
        load_settings()


def test_items_live_where_settings_say_or_in_a_folder_of_this_user(monkeypatch: pytest.MonkeyPatch) -> None:
    redis = "redis://127.0.0.1"
    assert (
        load_settings(redis_url=redis).item_store == load_settings(redis_url=redis, store="redis").item_store == "redis"
    )
    assert load_settings(store="memory", redis_url=redis).item_store == "memory"
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    places = [load_settings(), load_settings(prefix="shop"), load_settings(store="./items", redis_url=redis)]
    assert {one.item_store for one in places} == {"embedded"}
    assert [str(one.store_folder) for one in places] == ["/state/edge-rank/default", "/state/edge-rank/shop", "items"]
    for said in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", said)
        monkeypatch.setenv("HOME", "/home/somebody")
        assert str(load_settings().store_folder) == "/home/somebody/.local/state/edge-rank/default"
