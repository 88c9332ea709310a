import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from model_build.common.errors import RunError
from model_build.report.contents import Report
from model_build.report.write import load_report, save_report, write_report
from tests.model_build.report.pages import Page
from tests.model_build.report.reports import EVALUATION, REPORT

NUMBERS = (
    "1,880,000",
    "0.812",
    "94.6 % (93.1 to 96.2)",
    "99.8 % (99.0 to 100.4)",
    "0.760 (92.7 %)",
    "1,204,800",
    "-0.0013",
    "1.234",
    "0.010 %",
    "1 h 6 min",
    "1.20e-06",
    "0.98000",
    "58.3 %",
    "0.571",
    "0.842",
    "41.7 %",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written report."""
    folder = tmp_path_factory.mktemp("reports") / "report"
    write_report(REPORT, folder)
    return folder


def test_markdown_has_every_number_and_its_plots(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    for number in NUMBERS:
        assert number in text
    plots = re.findall(r"!\[.*?\]\((.*?)\)", text)
    assert plots == [
        "plots/quality.svg",
        "plots/bytes.svg",
        "plots/sensitivity.svg",
        "plots/coverage.svg",
        "plots/curves.svg",
    ]
    for plot in plots:
        assert ET.parse(folder / plot).getroot().tag.endswith("svg")
    assert "| msrd | NDCG@10 | 1,605 (queries) | 0.812 (0.802 to 0.822) |" in text


def test_coverage_is_drawn_beside_the_teachers_own_vocabulary(folder: Path) -> None:
    drawn = (folder / "plots" / "coverage.svg").read_text()
    for told in ("attention", "frequency", "the teacher's own", "single-token words, %", "unknown tokens, %"):
        assert f">{told}<" in drawn


def test_markdown_tables_are_whole(folder: Path) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", (folder / "report.md").read_text(), flags=re.MULTILINE):
        rows = table.splitlines()
        assert rows[1].startswith("| ---")
        assert len(rows) > 2
        assert len({row.replace(r"\|", "").count("|") for row in rows}) == 1


def test_quality_is_summed_up_and_compared_with_fp32(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    assert "| search | msrd | 0.812 (94.6 %) | 0.814 (94.9 %) | 0.858 (100.0 %) | 0.775 (90.3 %) |" in text
    assert "| similarity | stsb | 0.760 (92.7 %) | 0.762 (92.9 %) | 0.820 (100.0 %) | - |" in text
    assert "| stsb | 92.7 % | 92.9 % | 100.0 % | - |" in text
    # The second task has no interval of its share.
    assert "| msrd | 99.8 % (99.0 to 100.4) |\n| stsb | 99.7 % |" in text


def test_html_stands_alone(folder: Path) -> None:
    source = (folder / "report.html").read_text()
    page = Page()
    page.feed(source)
    assert page.open == []
    assert len(page.loaded) == 2 * 5  # for a desk and for a phone
    assert len(set(page.loaded)) == 2 * 5
    assert all(url.startswith("data:image/svg+xml;base64,") for url in page.loaded)
    assert "@import" not in source
    assert "url(" not in source
    assert source.startswith("<!doctype html>")
    for number in NUMBERS:
        assert number in page.text
    assert "edge <student>" in page.text
    assert 'name = "a & b"' in page.text


def test_texts_of_strangers_are_no_markup(folder: Path) -> None:
    assert r"| 0.21 | 0.78 | a \| b \<i\> | red \*shoes\* and blue |" in (folder / "report.md").read_text()
    source = (folder / "report.html").read_text()
    assert "a | b &lt;i&gt;" in source
    assert "long long" in source
    assert "long " * 40 not in source  # too long to show as a whole


def test_a_report_that_was_kept_is_written_anew(tmp_path: Path) -> None:
    save_report(REPORT, tmp_path)
    assert load_report(tmp_path) == REPORT


def test_a_file_that_is_no_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"has no report\.json; finish the run first"):
        load_report(tmp_path)
    (tmp_path / "report.json").write_text('{"name": 1}')
    with pytest.raises(RunError, match="is not a report that this version reads"):
        load_report(tmp_path)


def test_the_same_report_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_report(REPORT, tmp_path)
    for path in folder.rglob("*.*"):
        assert path.read_bytes() == (tmp_path / path.relative_to(folder)).read_bytes()


def test_what_was_not_measured_is_left_out(tmp_path: Path) -> None:
    write_report(Report("bare", "x = 1", 1, 2), tmp_path)
    text = (tmp_path / "report.md").read_text()
    assert re.findall(r"^## (.*)$", text, flags=re.MULTILINE) == ["Recipe"]
    page = Page()
    page.feed((tmp_path / "report.html").read_text())
    assert page.loaded == []


@pytest.mark.usefixtures("undrawn")
def test_a_report_without_a_teacher_has_no_shares(tmp_path: Path) -> None:
    alone = replace(EVALUATION, systems=EVALUATION.systems[:1], measurements=EVALUATION.measurements[:1])
    write_report(replace(REPORT, evaluation=alone), tmp_path)
    assert "kept" not in (tmp_path / "report.md").read_text()
    assert "kept" not in (tmp_path / "report.html").read_text()
