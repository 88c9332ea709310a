import re
from pathlib import Path
from typing import Any

import pytest
import yaml

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


def test_prometheus_finds_the_service_by_its_name() -> None:
    configuration = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    (scrape,) = configuration["scrape_configs"]
    assert scrape["job_name"] == "edge-rank"
    assert scrape["dns_sd_configs"][0]["names"] == ["edge-rank"]
    assert "edge-rank" in SERVICES
