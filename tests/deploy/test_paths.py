"""The paths in files of deployment and the links of pages lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.observe.expressions import rules

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
FOLDERS = "deploy|docs|documentation|loadtests|model_build|models|service|tests|web"
# A folder of this repository and what follows it, as far as it can be part of a path.
PATHS = re.compile(rf"(?<![\w/.$}}-])(?:\./)?((?:{FOLDERS})/[\w./*-]*[\w*])")
LINKS = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
DASHBOARDS = {"overview.json", "ranking.json", "fleet.json"}
MADE = ("web/node_modules", "web/dist", "web/expectations")
"""The files that a build makes."""


def files() -> Iterator[Path]:
    yield from (ROOT / name for name in ("docker-compose.yml", "Dockerfile", "Makefile"))
    for path in sorted((ROOT / "deploy").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.name not in DASHBOARDS:
            yield path


def relative(paths: Iterator[Path] | list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def found(path: str) -> bool:
    if path.startswith(MADE):
        return True
    return any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists()


@pytest.mark.parametrize("name", relative(files()))
def test_every_path_that_a_file_names_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [path for path in PATHS.findall(text) if not found(path)] == []


@pytest.mark.parametrize("name", relative(list((ROOT / "deploy").rglob("kustomization.yaml"))))
def test_every_resource_of_an_overlay_exists(name: str) -> None:
    folder, listed = (ROOT / name).parent, yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    for one in (*listed.get("resources", ()), *listed.get("components", ())):
        assert (folder / one).exists(), one


def test_prometheus_loads_the_rules_that_there_are() -> None:
    folder = ROOT / "deploy" / "prometheus"
    configuration = yaml.safe_load((folder / "prometheus.yml").read_text(encoding="utf-8"))
    loaded = {path for pattern in configuration["rule_files"] for path in folder.glob(pattern)}
    assert loaded == set((folder / "rules").iterdir())


@pytest.mark.parametrize("name", relative(PAGES))
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    page = ROOT / name
    for link in LINKS.findall(page.read_text(encoding="utf-8")):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = page if not parts.path else page.parent / parts.path
        assert target.exists(), link
        assert not parts.fragment or parts.fragment in anchors(target), link


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_each_alert_has_its_page_and_each_page_its_alert() -> None:
    pages: dict[str, set[str]] = {}
    for rule in rules():
        if "alert" in rule:
            pages.setdefault(rule["annotations"]["runbook_url"].rpartition("/")[2], set()).add(rule["alert"])
    there = {path.name: path.read_text(encoding="utf-8") for path in RUNBOOKS.glob("*.md") if path.name != "README.md"}
    assert set(pages) == set(there)
    for name, text in there.items():
        assert set(re.findall(r"`(EdgeRank\w+)`", text.partition("## ")[0])) == pages[name], name


def test_the_pages_for_on_call_name_every_runbook() -> None:
    page = (ROOT / "docs" / "how-to" / "on-call.md").read_text(encoding="utf-8")
    told = {Path(link).name for link in LINKS.findall(page)}
    assert {path.name for path in RUNBOOKS.glob("*.md")} <= told | {"README.md"}


def test_links_of_alerts_are_absolute_and_can_be_told() -> None:
    for rule in rules():
        for kind, label in (("runbook_url", "runbooks"), ("dashboard_url", "grafana")):
            if "alert" in rule:
                begins = f'{{{{ or $externalLabels.{label} "https://{label}.example.com" }}}}/'
                assert rule["annotations"][kind].startswith(begins)
    configured = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))["global"]
    prometheus = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["prometheus"]
    assert "--enable-feature=expand-external-labels" in prometheus["command"]
    for said in configured["external_labels"].values():
        default = re.fullmatch(r"\$\{\w+:-(.*)\}", prometheus["environment"][said.strip("${}")])
        assert default
        assert urlsplit(default[1]).scheme == "http"
