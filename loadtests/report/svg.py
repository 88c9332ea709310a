"""Makes matplotlib's SVG fit for a page: small, in the page's colour, with unique ids and a description."""

import re
import xml.etree.ElementTree as ET

INK = "#123456"  # is replaced by the colour of the surrounding text
_SVG, _LINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
_DECIMALS = re.compile(r"-?\d+\.\d{2,}")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_ALONE = "svg{color:#0f172a}@media screen and (prefers-color-scheme:dark){svg{color:#e2e8f0}}"


def slim(svg: str, *, name: str, title: str, description: str) -> str:
    """Turn a picture into an element of an HTML page.

    Args:
        svg: matplotlib's output.
        name: of the picture, a prefix of its ids, so that several fit in one page.
        title: of the picture.
        description: in words.
    """
    root = ET.fromstring(svg)  # noqa: S314 (matplotlib's)
    _remove(root, "metadata")
    _remove(root, "style")  # it would apply to the whole page
    references = {found for one in root.iter() for found in _references(one)}
    for element in root.iter():
        _mend(element, name, references)
    for key in ("width", "height"):
        del root.attrib[key]
    root.attrib |= {
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
        "stroke-linejoin": "round",
    }
    for place, (tag, kind, text) in enumerate((("title", "title", title), ("desc", "description", description))):
        element = ET.Element(f"{{{_SVG}}}{tag}", id=f"{name}-{kind}")
        element.text = text
        root.insert(place, element)
    ET.register_namespace("", _SVG)
    return ET.tostring(root, encoding="unicode") + "\n"


def alone(svg: str) -> str:
    """Turn the output of `slim` into a file of its own, in the reader's colours."""
    return svg.replace(">", f"><style>{_ALONE}</style>", 1)


def _remove(root: ET.Element, tag: str) -> None:
    for parent in list(root.iter()):
        for child in parent.findall(f"{{{_SVG}}}{tag}"):
            parent.remove(child)


def _references(element: ET.Element) -> list[str]:
    return [
        *_REFERENCE.findall(element.get("clip-path", "")),
        *([link.removeprefix("#")] if (link := element.get(_LINK)) else []),
    ]


def _mend(element: ET.Element, name: str, references: set[str]) -> None:
    if element.get("id") not in references:
        element.attrib.pop("id", None)
    for key, value in list(element.attrib.items()):
        if key == "id":
            element.set(key, f"{name}-{value}")
        elif key == _LINK:
            del element.attrib[key]
            element.set("href", f"#{name}-{value.removeprefix('#')}")
        else:
            short = _DECIMALS.sub(lambda found: f"{float(found[0]):.1f}", value) if key != "style" else value
            own = _REFERENCE.sub(rf"url(#{name}-\1)", short.replace(INK, "currentColor"))
            element.set(key, " ".join(own.split()))
    element.tail = None
    if not (element.text or "").strip():
        element.text = None
