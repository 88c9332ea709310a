"""Writes a report: one self-contained page, and a summary in Markdown with separate plots."""

import json
from collections.abc import Iterator
from pathlib import Path

from loadtests.load.recording import COUNTS, Recording, Run
from loadtests.report.drawing import drawn
from loadtests.report.observed import CORES, COUNTED, HELD, MEMORY, TIERS
from loadtests.report.page import Page, page_of
from loadtests.report.plots import PERCENTILES
from loadtests.report.svg import alone
from loadtests.report.templating import render

PAGE_FILE, SUMMARY_FILE, PLOTS = "report.html", "report.md", "plots"


def write_report(recording: Recording, folder: Path) -> Page:
    """Write `report.html`, `report.md` and `plots/*.svg` into a folder, which is made if missing."""
    page = page_of(recording)
    pictures = _pictures(page)
    place = folder / PLOTS
    place.mkdir(parents=True, exist_ok=True)
    for old in place.glob("*.svg"):
        old.unlink()  # a plot without values in this run
    for name, svg in pictures.items():
        (place / f"{name}.svg").write_text(alone(svg), encoding="utf-8")
    contents = {
        "page": page,
        "run": page.run,
        "pictures": pictures,
        "count_names": [name.replace("_", " ") for name in COUNTS],
        "percentiles": [f"p{percent:g}" for percent in PERCENTILES],
        "core_names": list(CORES),
        "memory_names": list(MEMORY),
        "tier_names": list(TIERS),
        "counted_names": list(COUNTED),
        "held_names": list(HELD),
        "facts": list(_facts(page.run)),
        "plots": PLOTS,
    }
    (folder / PAGE_FILE).write_text(render("report.html.j2", contents), encoding="utf-8")
    (folder / SUMMARY_FILE).write_text(render("report.md.j2", contents), encoding="utf-8")
    return page


def _facts(run: Run) -> Iterator[tuple[str, object]]:
    """Settings and environment of a run, by name."""
    for name in ("started_at", "seed", "devices", "seen_devices", "sessions", "items", "model", "revision", "machine"):
        value = getattr(run, name)
        yield name.replace("_", " "), f"{value:,}" if isinstance(value, int) and name != "seed" else value
    for name, value in run.settings.items():
        yield name.replace("_", " "), value if isinstance(value, str) else json.dumps(value)


def _pictures(page: Page) -> dict[str, str]:
    events = [float(one["second"]) for one in page.run.events]
    return {
        one.name: drawn(one, starts_s=page.starts_s, phases=page.run.phases, events=events, end_s=page.duration_s)
        for one in page.plots
    }
