"""The pictures of docs/how-to/playground.md."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.browser import DESKTOP, PHONE, Scheme, Screen, browsing
from tests.browser.playground import Playground

_QUERY = "split a dinner bill"


@dataclass(frozen=True)
class _Shot:
    """A picture: on which screen, in which colours, and whether the first result is explained in it."""

    screen: Screen
    scheme: Scheme
    explained: bool


_SHOTS = (
    _Shot(DESKTOP, "light", explained=False),
    _Shot(DESKTOP, "dark", explained=True),
    _Shot(PHONE, "light", explained=False),
    _Shot(PHONE, "dark", explained=True),
)


def take(browser: Browser, url: str, folder: Path) -> list[Path]:
    """Take each picture on the device, with a query and a history."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for shot in _SHOTS:
        path = folder / f"playground-{shot.screen.name}-{shot.scheme}.png"
        with browsing(browser, shot.screen, shot.scheme, still=True) as context:
            playground = Playground.open(context.new_page(), url)
            playground.move_to_device()
            _use(playground, explained=shot.explained)
            playground.page.screenshot(path=path)
        paths.append(path)
    return paths


def _use(playground: Playground, *, explained: bool) -> None:
    playground.type("coffee")
    playground.titles.first.click()
    playground.type("invoice")
    playground.page.get_by_role("button", name="Skip").first.click()
    playground.type(_QUERY)
    if explained:
        playground.page.get_by_role("button", name="Why").first.click()
    playground.page.mouse.move(0, 0)
    playground.page.evaluate("scrollTo(0, 0)")
