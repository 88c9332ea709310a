"""The project's descriptions of itself agree, and the locks hold what its packages need."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import edge_rank

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def locked(name: str) -> dict[str, Version]:
    """The versions that a lock has for this Python and platform."""
    found: dict[str, Version] = {}
    for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "# ":
            requirement = Requirement(line.removesuffix("\\"))
            if requirement.marker is None or requirement.marker.evaluate():
                (pin,) = requirement.specifier
                found[canonicalize_name(requirement.name)] = Version(pin.version)
    return found


def requirements(*extras: str) -> Iterator[Requirement]:
    for text in (
        *PROJECT["dependencies"],
        *(one for extra in extras for one in PROJECT["optional-dependencies"][extra]),
    ):
        yield Requirement(text)


@pytest.mark.parametrize(
    ("lock", "extras"), [("constraints.txt", PROJECT["optional-dependencies"]), ("image.txt", ["traces"])]
)
def test_a_lock_has_a_version_of_each_need_that_its_range_allows(lock: str, extras: list[str]) -> None:
    versions = locked(lock)
    for requirement in requirements(*extras):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), str(requirement)


def test_the_image_has_the_versions_that_are_tested() -> None:
    assert locked("image.txt").items() <= locked("constraints.txt").items()


def test_the_image_gets_nothing_that_has_no_hash() -> None:
    text = (ROOT / "requirements" / "image.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^\S+==.*(?:\n    .*)*", text, re.MULTILINE)
    assert len(pins) >= len(PROJECT["dependencies"])
    assert all("--hash=sha256:" in pin for pin in pins)


def test_what_users_install_has_a_range_and_tools_a_version() -> None:
    for requirement in requirements("build", "ray", "traces", "loadtest"):
        operators = {one.operator for one in requirement.specifier}
        assert operators in ({">=", "<"}, {"=="}), str(requirement)
    for text in PROJECT["optional-dependencies"]["dev"]:
        assert "==" in text


def test_every_file_names_the_same_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    package = json.loads((ROOT / "web" / "package.json").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE)
    assert released == sorted(released, key=lambda one: Version(one[0]), reverse=True)
    assert {citation["version"], package["version"], released[0][0]} == {PROJECT["version"]}
    assert str(citation["date-released"]) == released[0][1]
    assert edge_rank.__version__ == PROJECT["version"]


@pytest.mark.parametrize("package", ["edge_rank", "service", "model_build"])
def test_a_package_is_typed(package: str) -> None:
    assert (files(package) / "py.typed").is_file()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_pinned_and_may_do_little(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 30
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one) for one in uses)
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_continuous_integration_runs_what_is_run_here() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    ran = set(" ".join(re.findall(r"run: make (.*)", text)).split())
    here = set(
        " ".join(re.findall(r"^make (.*)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)).split()
    )
    assert here | {"browser-check", "deploy-check", "docs"} <= ran
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert ran <= targets


def test_the_torch_that_pages_tell_to_install_is_the_locked_one() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    told = {one for page in pages for one in re.findall(r"torch==([\d.]+)", page.read_text(encoding="utf-8"))}
    assert told == {str(locked("constraints.txt")["torch"])}
