"""Checks the playground and a build's pages in a real browser, measures the playground, and takes its pictures."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from loadtests.harness.processes import SERVE, serving
from service.feature_store.items.catalogue import read_catalogue
from service.settings import DEMO_CATALOGUE
from tests.browser import accessibility, icons, in_firefox, keys, offline, pages, screenshots, speed, updates
from tests.browser.browser import chromium
from tests.browser.promise import Loaded, prove
from tests.browser.speed import Speed
from tests.browser.updates import Moved

_FEW = 100


app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
def main(
    pictures: Annotated[Path | None, typer.Option(help="Folder for pictures; none: no pictures are taken.")] = None,
    draw_icons: Annotated[
        bool, typer.Option("--draw-icons", help="Draw the app's icons anew, and do no more.")
    ] = False,
) -> None:
    """Check the playground against a service of its own, and print what was measured."""
    console = Console()
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        if draw_icons:
            console.print(*icons.draw(browser), sep="\n")
            return
        looked_at = pages.check(browser)
        console.print(f"a build's pages: {looked_at} looked at, on screens and on paper")
        with serving([*SERVE, "--demo"]) as service:
            loaded = prove(browser, service)  # stops the service
        console.print("on the device, nothing left the page; it ranked without network and service")
        in_second = in_firefox.check()
        console.print("in Firefox, too, it ranks, opens without the service, and is removed")
        (Path(folder) / "build").mkdir()
        offline.check(browser, Path(folder) / "build")
        console.print(
            "without network the page opens anew and ranks; it is updated as a whole, and removed by a button"
        )
        with serving([*SERVE, "--demo"]) as service:
            rules = accessibility.check(browser, service.url)
            console.print(f"axe-core: {rules} rules passed, none broken; the keyboard leads everywhere")
            speeds = [speed.measure(browser, service.url, len(read_catalogue(DEMO_CATALOGUE)))]
            if pictures:
                screenshots.take(browser, service.url, pictures)
        with serving([*SERVE, "--catalogue", str(_few(Path(folder)))]) as service:
            speeds.insert(0, speed.measure(browser, service.url, _FEW))
        keys.check(browser, Path(folder))
        console.print("with API keys: the page asks for one, and keeps it in memory")
        (Path(folder) / "models").mkdir()
        moved = updates.check(browser, Path(folder) / "models")
        console.print("the model is kept, updated, gone back from, resumed, refused where it is spoilt, and forgotten")
        console.print(
            _loaded_table(loaded),
            _moved_table(moved),
            _speed_table(speeds),
            f"Chromium {browser.version}, Firefox {in_second}",
        )


def _few(folder: Path) -> Path:
    """The beginning of the demo catalogue, as a catalogue of its own."""
    few = folder / "few.jsonl"
    lines = DEMO_CATALOGUE.read_text(encoding="utf-8").splitlines(keepends=True)
    few.write_text("".join(lines[:_FEW]), encoding="utf-8")
    return few


def _loaded_table(loaded: Loaded) -> Table:
    table = Table("loaded", "bytes", title="What the browser loads", title_justify="left")
    table.columns[1].justify = "right"
    for name, count in (*asdict(loaded).items(), ("all", loaded.total)):
        table.add_row(name, f"{count:,}")
    return table


def _moved_table(moved: Moved) -> Table:
    names = ("first visit", "next visit", "another revision, a delta", "the rest of a download that was cut")
    table = Table("the model's files", "bytes", title="Of a model that is kept", title_justify="left")
    table.columns[1].justify = "right"
    for name, count in zip(names, asdict(moved).values(), strict=True):
        table.add_row(name, f"{count:,}")
    return table


def _speed_table(speeds: Sequence[Speed]) -> Table:
    table = Table(
        "items", "first order, s", "with a warm cache, s", "then, ms", title="On the device", title_justify="left"
    )
    for column in table.columns:
        column.justify = "right"
    for one in speeds:
        table.add_row(f"{one.items:,}", f"{one.first_s:.2f}", f"{one.again_s:.2f}", f"{one.rank_ms:.1f}")
    return table


app()
