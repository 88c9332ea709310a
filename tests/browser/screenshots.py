"""The pictures of docs/playground.md."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.browser import DESKTOP, PHONE, Scheme, Screen, browsing
from tests.browser.playground import Playground

_QUERY = "split a dinner bill"
_SHOTS: tuple[tuple[Screen, Scheme], ...] = (
    (DESKTOP, "light"),
    (DESKTOP, "dark"),
    (PHONE, "light"),
    (PHONE, "dark"),
)


def take(browser: Browser, url: str, folder: Path) -> list[Path]:
    """Take each picture on the device, with a query, a history and an explanation in it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for screen, scheme in _SHOTS:
        path = folder / f"playground-{screen.name}-{scheme}.png"
        with browsing(browser, screen, scheme, still=True) as context:
            playground = Playground.open(context.new_page(), url)
            playground.move_to_device()
            _use(playground)
            playground.page.screenshot(path=path)
        paths.append(path)
    return paths


def _use(playground: Playground) -> None:
    playground.type("coffee")
    playground.titles.first.click()
    playground.type("invoice")
    playground.page.get_by_role("button", name="Skip").first.click()
    playground.type(_QUERY)
    playground.page.get_by_role("button", name="Why").first.click()
    playground.page.evaluate("scrollTo(0, 0)")
