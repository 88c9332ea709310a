import argparse
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from loadtests.load.options import add_options

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = sorted(COMPOSE["services"])


@pytest.mark.parametrize("name", SERVICES)
def test_versions_limits_and_health(name: str) -> None:
    service = COMPOSE["services"][name]
    tag = service["image"].rpartition(":")[2]
    assert tag != "latest"
    assert re.fullmatch(r"dev|v?\d+\.\d+\.\d+[\w.-]*", tag)
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert "healthcheck" in service or service.get("build") or "profiles" in service  # the image brings its own
    assert service["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("name", SERVICES)
def test_no_password_has_a_default(name: str) -> None:
    for key, value in COMPOSE["services"][name].get("environment", {}).items():
        for default in re.findall(r"\$\{\w*PASSWORD\w*(.*?)\}", str(value)):
            assert default.startswith(":?"), key


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_is_there(name: str) -> None:
    for volume in COMPOSE["services"][name].get("volumes", ()):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_prometheus_finds_the_service_and_the_load_test_by_their_names() -> None:
    configuration = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    by_name = [one for one in configuration["scrape_configs"] if "dns_sd_configs" in one]
    found = {one["job_name"]: one["dns_sd_configs"][0] for one in by_name}
    assert {job: (one["names"], one["port"]) for job, one in found.items()} == {
        "edge-rank": (["edge-rank"], 8000),
        "edge-rank-load": (["load"], 9646),
    }
    assert {"edge-rank", "load"} <= set(SERVICES)
    assert "--exporter-port=9646" in COMPOSE["services"]["load"]["command"]


def test_a_load_test_runs_only_where_it_is_asked_for() -> None:
    assert {name for name in SERVICES if "profiles" in COMPOSE["services"][name]} == {"load", "load-worker"}


def test_each_image_is_built_of_a_target_that_there_is() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    built = [COMPOSE["services"][name]["build"]["target"] for name in SERVICES if "build" in COMPOSE["services"][name]]
    assert sorted(built) == ["loadtest", "loadtest", "service"]
    assert set(built) <= stages


def test_the_options_of_the_load_test_are_ones_that_it_has() -> None:
    options = {
        one: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        for part in COMPOSE["services"]["load"]["command"]
        for one, _, value in [part.partition("=")]
    }
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_options(parser)
    known = [f"{name}={options[name]}" for name in ("--shape", "--rate", "--duration", "--devices", "--items")]
    assert parser.parse_args(known).shape == "flash"
