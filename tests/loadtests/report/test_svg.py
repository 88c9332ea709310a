import xml.etree.ElementTree as ET

from loadtests.report.svg import INK, alone, slim

DRAWN = f"""<?xml version="1.0" encoding="utf-8"?>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="10pt" height="5pt" viewBox="0 0 10 5" xmlns="http://www.w3.org/2000/svg">
 <metadata>who made it, and when</metadata>
 <defs><style>*{{stroke: red}}</style></defs>
 <g id="unneeded">
  <defs><path id="m1" d="M 0 0 L 1.23456 -2.34567" style="stroke: {INK}; stroke-width: 0.75"/></defs>
  <use xlink:href="#m1" x="1.26" clip-path="url(#c1)"/>
  <text style="fill: {INK}">a &lt; b 1.23456</text>
 </g>
 <defs><clipPath id="c1"><rect width="3.14159"/></clipPath></defs>
</svg>"""


def mended() -> str:
    return slim(DRAWN, name="one", title="T & t", description="D")


def test_only_ids_that_are_referred_to_stay_and_are_the_pictures_own() -> None:
    root = ET.fromstring(mended())
    ids = {found for one in root.iter() if (found := one.get("id"))}
    assert ids == {"one-title", "one-description", "one-m1", "one-c1"}
    assert 'href="#one-m1"' in mended()
    assert 'clip-path="url(#one-c1)"' in mended()


def test_coordinates_are_short_and_texts_stay() -> None:
    assert 'd="M 0 0 L 1.2 -2.3"' in mended()
    assert "stroke-width: 0.75" in mended()
    assert "a &lt; b 1.23456" in mended()


def test_it_has_the_ink_of_the_page_and_no_style_for_others() -> None:
    assert INK not in mended()
    assert "stroke: currentColor" in mended()
    assert "<style" not in mended()
    assert "who made it" not in mended()


def test_it_is_reported_in_words() -> None:
    root = ET.fromstring(mended())
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "one-title one-description"
    assert [one.text for one in root][:2] == ["T & t", "D"]


def test_a_file_of_its_own_has_a_colour_for_light_and_dark() -> None:
    assert ET.fromstring(alone(mended()))[0].tag.endswith("style")
    assert "prefers-color-scheme:dark" in alone(mended())
