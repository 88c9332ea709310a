import xml.etree.ElementTree as ET

from loadtests.load.recording import Phase
from loadtests.report.drawing import drawn
from loadtests.report.plot import Line, Panel, Plot

PHASES = (Phase("costs $1 & $2", 0, 300, 1.0), Phase("<late>", 300, 600, 2.0))


def picture(values: list[float | None], *, logarithmic: bool = False) -> str:
    panels = [Panel("times", "ms", [Line("a", values), Line("b", values)], logarithmic=logarithmic)]
    return drawn(
        Plot("p", "P", "", panels), starts_s=range(len(values)), phases=PHASES, events=[2.5], end_s=len(values)
    )


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()).strip() for one in ET.fromstring(svg).iter() if one.tag.endswith("}text")]


def test_phases_and_events_are_marked_and_their_names_are_no_markup() -> None:
    written = texts(picture([1.0] * 600))
    assert {"costs $1 & $2", "<late>", "1", "ms", "times", "a", "b"} <= set(written)


def test_the_same_numbers_give_the_same_bytes() -> None:
    values: list[float | None] = [float(one % 7) for one in range(600)]
    assert picture(values) == picture(values)


def test_six_hundred_points_are_a_small_picture() -> None:
    assert len(picture([float(one % 97) for one in range(600)])) < 30_000


def test_a_line_of_zeros_is_seen_above_the_edge() -> None:
    assert {"0.0", "1.0"} <= set(texts(picture([0.0, 0.0])))


def test_gaps_single_points_and_zeros() -> None:
    for values in ([None, 1.0, None], [0.0, 0.0], [5.0]):
        for logarithmic in (False, True):
            ET.fromstring(picture(list(values), logarithmic=logarithmic))
    assert "<use" in picture([None, 1.0, None])
    assert "<use" not in picture([1.0, 1.0, None])
