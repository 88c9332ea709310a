from collections.abc import Mapping

from model_build.ablation.report import (
    answers,
    caution,
    differences_sheet,
    introduction,
    metrics_sheet,
    to_markdown,
)
from model_build.ablation.result import Ablation, Comparison, Row, Section
from model_build.ablation.statistics import estimate, paired_difference

FIRST, SECOND = (
    {"cosine": (0.5, 0.6, 0.7), "rank": (0.1, 0.3, 0.2)},
    {"cosine": (0.6, 0.7, 0.8), "rank": (0.2, 0.1, 0.3)},
)


def row(name: str, values: Mapping[str, tuple[float, ...]], *overrides: str) -> Row:
    figures = {figure: estimate(one) for figure, one in values.items()}
    return Row(name, overrides, 1_234_567, 12.34, 9_000, figures, values)


def section() -> Section:
    differences = {figure: paired_difference(SECOND[figure], FIRST[figure]) for figure in FIRST}
    lower = {figure: paired_difference(FIRST[figure], SECOND[figure]) for figure in FIRST}
    pairs = (Comparison("b", "a", "Is b better?", differences), Comparison("a", "b", "Is a better?", lower))
    return Section("Letters", (row("a", FIRST), row("b", SECOND, "x.y=1")), pairs)


def ablation() -> Ablation:
    return Ablation("name", "{}", (1, 2, 3), {"c": "it is b"}, (section(),))


def test_figures_stand_with_their_intervals_and_costs() -> None:
    sheet = metrics_sheet(section())
    assert sheet.headings == ("variant", "cosine", "rank", "bytes", "training, s", "texts read")
    cells = [cell.text for cell in sheet.rows[0]]
    assert cells == ["a", "0.6000", "0.2000", "1,234,567", "12.3", "9,000"]
    assert sheet.rows[0][1].detail == "0.3516 to 0.8484"


def test_only_what_is_shown_is_strong() -> None:
    sheet = differences_sheet(section())
    assert sheet is not None
    cosine, rank = sheet.rows[0][2:]
    assert (cosine.text, cosine.detail, cosine.strong) == ("+0.1000", "+0.1000 to +0.1000; 3/3", True)
    assert (rank.text, rank.detail[-3:], rank.strong) == ("+0.0000", "2/3", False)


def test_answers_say_what_is_shown_and_what_is_not() -> None:
    better, worse = answers(section())
    assert better == (
        "b against a. Is b better? cosine: higher by 0.1000, in 3 of 3 seeds. "
        "rank: the interval of the difference contains 0: not shown."
    )
    assert "cosine: lower by 0.1000, in 3 of 3 seeds." in worse


def test_the_reader_is_warned_of_chance() -> None:
    assert caution(ablation()).startswith("2 of 4 intervals of differences exclude 0; without any effect, about")
    assert introduction(ablation()).startswith("3 seeds (1, 2, 3)")


def test_a_section_without_comparisons_has_no_differences() -> None:
    assert differences_sheet(Section("x", (row("a", FIRST),), ())) is None


def test_markdown_tables_are_rectangular() -> None:
    text = to_markdown(ablation())
    tables = [block for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) == 2
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1
    assert "**+0.1000** (+0.1000 to +0.1000; 3/3)" in text
    assert "- b: `x.y=1`" in text
    assert "- c: it is b" in text
    assert "\n\n\n" not in text
