import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from model_build.common.errors import RunError
from model_build.report.task.contents import ClassRow, TaskReport
from model_build.report.task.write import load_task_report, save_task_report, write_task_report
from tests.model_build.report.pages import Page
from tests.model_build.report.task.reports import GRADED, REPORT

NUMBERS = (
    "one of 2 classes of a text",
    "1,821,504",
    "1,000 (25.0 %)",
    "12 training examples",
    "90,897,936",
    "0.9550 to 0.9790",
    "1 min 20 s",
    "0.9712 to 0.9899",
    "94.7 %",
    "-0.0031",
    "604,800",
    "87.7 %",
    "41",
    "5.1 %",
    "0.9100, 0.9550, 0.9533.",
    "number 2 was kept",
    "1,200 steps, with rounded weights from step 600 on",
    "from 3.217 to 0.064",
    "3 min 1 s",
)
GRADES = ("a grade of a pair", "between 0 and 4.75", "0.05 to 0.71", "0.5000", "2.2 to 3.4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written report of classes."""
    folder = tmp_path_factory.mktemp("task-reports") / "report"
    write_task_report(REPORT, folder)
    return folder


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of grades."""
    folder = tmp_path_factory.mktemp("task-reports") / "graded"
    write_task_report(GRADED, folder)
    return folder


def page_of(folder: Path) -> Page:
    page = Page()
    page.feed((folder / "report.html").read_text())
    assert page.open == []
    return page


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_both_pages_have_every_number(folder: Path, graded: Path) -> None:
    for place, numbers in ((folder, NUMBERS), (graded, GRADES)):
        for text in ((place / "report.md").read_text(), page_of(place).text):
            for number in numbers:
                assert number in flat(text)


@pytest.mark.parametrize(
    ("kind", "plots"),
    [
        ("folder", ["ways", "bytes", "reliability", "training"]),
        ("graded", ["ways", "bytes", "grades", "training"]),
    ],
)
def test_plots_are_linked_and_inlined(kind: str, plots: list[str], request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(kind)
    linked = re.findall(r"!\[.*?\]\((.*?)\)", (folder / "report.md").read_text())
    assert linked == [f"plots/{plot}.svg" for plot in plots]
    for plot in linked:
        assert ET.parse(folder / plot).getroot().tag.endswith("svg")
    loaded = page_of(folder).loaded
    assert len(set(loaded)) == len(loaded) == 2 * len(plots)  # for a desk and for a phone
    assert all(url.startswith("data:image/svg+xml;base64,") for url in loaded)


def test_every_way_is_drawn_with_its_bytes(folder: Path) -> None:
    drawn = (folder / "plots" / "ways.svg").read_text()
    for told in ("teacher", "model", "head", "pack", "100 kB", "10 MB", "accuracy"):
        assert f">{told}<" in drawn


def test_the_step_where_rounding_starts_is_drawn(folder: Path, tmp_path: Path) -> None:
    assert ">rounded from here on<" in (folder / "plots" / "training.svg").read_text()
    write_task_report(replace(REPORT, rounded_from=None), tmp_path)
    assert ">rounded from here on<" not in (tmp_path / "plots" / "training.svg").read_text()


def test_markdown_tables_are_whole(folder: Path, graded: Path) -> None:
    for place in (folder, graded):
        text = (place / "report.md").read_text()
        tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
        assert len(tables) == len(re.findall(r"(?<=\n\n)(?:\|.*\n)+(?=\n)", text))
        assert len(tables) >= 6
        for table in tables:
            rows = table.splitlines()
            assert rows[1].startswith("| ---")
            assert len(rows) > 2
            assert len({row.replace(r"\|", "").count("|") for row in rows}) == 1


def test_a_difference_is_bold_if_its_interval_excludes_0(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    assert "| **+0.0800** (+0.0500 to +0.1100) |" in text
    assert "| +0.0100 (-0.0100 to +0.0300) |" in text
    assert "<strong>+0.0800</strong>" in (folder / "report.html").read_text()


def test_an_interval_is_in_the_cell_of_its_metric(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    assert "| accuracy | ROC-AUC | kept |" in text
    assert "| 0.9811 (0.9712 to 0.9899) |" in text
    assert "| 0.9100 | 77.0 % | - |" in text


def test_without_a_head_nothing_is_ahead_of_it(graded: Path) -> None:
    for name in ("report.md", "report.html"):
        text = (graded / name).read_text()
        assert "of the head" not in text
        assert "is the share of the teacher's Spearman correlation." in flat(text)


def test_names_of_classes_are_no_markup(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    assert r"| cat \| dog | \*fish\* | 41 | 5.1 % |" in text
    assert r"| cat \| dog | 800 | - | - | - |" in text
    assert "<b>" not in (folder / "report.html").read_text()


def test_many_classes_are_folded_in_the_page_and_whole_in_markdown(tmp_path: Path) -> None:
    rows = tuple(ClassRow(f"class {place:03}", 5, 0.5, 0.5, place / 200) for place in range(200))
    write_task_report(replace(REPORT, classes=rows), tmp_path)
    assert (tmp_path / "report.md").read_text().count("| class ") == 201  # and the heading
    source = (tmp_path / "report.html").read_text()
    assert "the other 180 classes" in source
    assert source.index("class 019") < source.index("<details>") < source.index("class 020")
    assert page_of(tmp_path).text.count("class 1") == 100


def test_what_a_run_does_not_have_is_left_out(tmp_path: Path) -> None:
    bare = TaskReport("bare", "{}", replace(REPORT.facts, left_out=0, rare=0), 1, 2, "dev", 3, "accuracy", 0.5)
    write_task_report(bare, tmp_path)
    text = (tmp_path / "report.md").read_text()
    assert re.findall(r"^## (.*)$", text, flags=re.MULTILINE) == ["Recipe"]
    assert "Left out" not in text
    assert page_of(tmp_path).loaded == []


@pytest.mark.parametrize("report", [REPORT, GRADED])
def test_a_report_that_was_kept_is_written_anew(report: TaskReport, tmp_path: Path) -> None:
    save_task_report(report, tmp_path)
    assert load_task_report(tmp_path) == report


def test_a_file_that_is_no_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"has no report\.json; finish the run first"):
        load_task_report(tmp_path)
    (tmp_path / "report.json").write_text('{"name": 1}')
    with pytest.raises(RunError, match="is not a report that this version reads"):
        load_task_report(tmp_path)


def test_the_same_report_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_task_report(REPORT, tmp_path)
    for path in folder.rglob("*.*"):
        assert path.read_bytes() == (tmp_path / path.relative_to(folder)).read_bytes()
