"""The pictures of the playground as an app, drawn from its icon."""

from pathlib import Path

from playwright.sync_api import Browser

_SOURCES = Path(__file__).parents[2] / "web/playground"
_ICON = _SOURCES / "src/icon.svg"
FOLDER = _SOURCES / "public"
_ROUND = 'rx="8" '
# Systems cut a maskable icon to their own shape: it has no corners, and its middle, 80 percent wide, is what counts.
_PICTURES = {"icon-192": (192, True), "icon-512": (512, True), "maskable-512": (512, False)}


def draw(browser: Browser, folder: Path = FOLDER) -> list[Path]:
    """Draw each picture, transparent where the icon is."""
    svg = _ICON.read_text(encoding="utf-8")
    assert _ROUND in svg, "the icon's corners are said in another way"
    paths = []
    for name, (pixels, rounded) in _PICTURES.items():
        context = browser.new_context(viewport={"width": pixels, "height": pixels})
        page = context.new_page()
        page.set_content(
            f"<style>body{{margin:0}} svg{{display:block}}</style>{svg if rounded else svg.replace(_ROUND, '')}"
        )
        path = folder / f"{name}.png"
        page.screenshot(path=path, omit_background=True)
        context.close()
        paths.append(path)
    return paths
