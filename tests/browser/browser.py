"""Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Screen:
    """A screen: what it is called, and how many CSS pixels it has."""

    name: str
    width: int
    height: int


DESKTOP = Screen("desktop", 1280, 900)
PHONE = Screen("phone", 390, 844)
NARROW = Screen("narrow", 320, 640)  # WCAG 2.2, 1.4.10: nothing is to be scrolled sideways


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium.

    Raises:
        SystemExit: there is none on this machine.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise SystemExit("chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=Path(found))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browsing(
    browser: Browser, screen: Screen = DESKTOP, scheme: Scheme = "light", *, still: bool = False
) -> Iterator[BrowserContext]:
    """A fresh profile: nothing cached, nothing stored. `still` asks pages for no motion."""
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        color_scheme=scheme,
        reduced_motion="reduce" if still else "no-preference",
        device_scale_factor=2 if screen is PHONE else 1,
    )
    try:
        yield context
    finally:
        context.close()
