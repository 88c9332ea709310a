import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from loadtests.load.recording import Gate, Phase, Recording
from loadtests.report.write import write_report
from tests.loadtests.recordings import recording, run, second

VOID = {"meta"}
# Each from one place of the recording: identity, gates, counts, rates, percentiles, observations, events.
FIGURES = (
    "123,456", "2,345", "3,456", "45,678", "4711", "edge-rank-en@cc47e424e1da", "0a1b2c3", "two cores & 8 GB",
    "12.5", "http://127.0.0.1:1", "2026-11-25T08:00:00+00:00", "12.2", "100", "0.9", "five times the load",
    "144", "132", "96", "84", "88.9 %", "24", "201", "301", "30", "25.0 %", "90.0 %", "70.0 %", "0.05",
    "0.25", "160", "130",
)  # fmt: skip
HOSTILE = '<script>alert("1")</script> | *b*'


class Page(HTMLParser):
    """Checks that elements nest, and collects what a browser would load and show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self.loaded += [value or ""] if name in {"src", "href", "xlink:href", "srcset", "data"} else []
            self.ids += [value or ""] if name == "id" else []
            self.labels += (value or "").split() if name == "aria-labelledby" else []
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


def written(of: Recording, folder: Path) -> tuple[Page, str]:
    write_report(of, folder)
    return read(folder)


def read(folder: Path) -> tuple[Page, str]:
    page = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert page.open == []
    return page, (folder / "report.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a whole recording."""
    folder = tmp_path_factory.mktemp("reports")
    write_report(recording(), folder)
    return folder


def test_every_figure_comes_from_the_recording(whole: Path) -> None:
    page, summary = read(whole)
    for figure in FIGURES:
        assert re.search(rf"(?<![\w.]){re.escape(figure)}(?![\w])", page.text), figure
        assert figure.replace("&", "&amp;") in summary, figure


def test_the_page_needs_nothing_else(whole: Path) -> None:
    page, _ = read(whole)
    assert all(one.startswith("#") for one in page.loaded)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "@import" not in page.text
    assert "url(http" not in (whole / "report.html").read_text(encoding="utf-8")


def test_who_cannot_see_the_plots_reads_them(whole: Path) -> None:
    page, summary = read(whole)
    assert len(page.ids) == len(set(page.ids))
    assert page.labels
    assert set(page.labels) <= set(page.ids)
    assert page.tags.count("svg") == page.tags.count("details") == 5
    for alternative, path in re.findall(r"!\[([^]]*)\]\(([^)]*)\)", summary):
        assert "from" in alternative
        assert (whole / path).is_file()


def test_texts_are_escaped(tmp_path: Path) -> None:
    hostile = recording(
        shape=HOSTILE,
        started_at=HOSTILE,
        model=HOSTILE,
        revision=HOSTILE,
        machine=HOSTILE,
        settings={HOSTILE: HOSTILE},
        phases=(Phase(HOSTILE, 0, 12, 1.0),),
        gates=(Gate(HOSTILE, 1.0, most=2.0),),
        events=({"second": 1, "text": HOSTILE},),
    )
    page, summary = written(hostile, tmp_path)
    assert not {"script", "b"} & set(page.tags)
    assert page.text.count(HOSTILE) >= 9
    assert "<script" not in summary
    rows = [line for line in summary.splitlines() if line.startswith("|")]
    assert all(
        "|" not in re.sub(r"\\\||^\||\|$", "", row).replace(" | ", "").replace("|-", "")
        for row in rows
        if "alert" in row
    )


def test_an_empty_run(tmp_path: Path) -> None:
    page, summary = written(Recording(run(phases=(), gates=(), events=()), []), tmp_path)
    assert "No second was recorded" in page.text
    assert "No gates." in page.text
    assert "No gates." in summary
    assert list((tmp_path / "plots").iterdir()) == []


@pytest.mark.parametrize("observed", [True, False])
def test_a_run_in_which_nothing_was_answered(tmp_path: Path, *, observed: bool) -> None:
    page, summary = written(
        Recording(run(), [second(one, answered=0, observed=observed) for one in range(12)]), tmp_path
    )
    assert "latency" not in {path.stem for path in (tmp_path / "plots").iterdir()}
    assert "| whole run | attempts, from the send | 0 | - | - | - | - |" in summary
    assert ("Nothing was observed of the processes." in page.text) is not observed


def test_the_same_recording_gives_the_same_bytes_and_no_plot_of_an_earlier_one_stays(
    whole: Path, tmp_path: Path
) -> None:
    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    write_report(recording(), tmp_path)
    assert files() == {path.name: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    write_report(replace(recording(), seconds=[second(0, observed=False)]), tmp_path)
    assert "cache.svg" not in files()
