"""The playground as a person uses it: by the names of what stands on it."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

_READY_MS = 60_000


@dataclass(frozen=True)
class Playground:
    """An open playground."""

    page: Page

    @classmethod
    def open(cls, page: Page, url: str) -> "Playground":
        """Open it, and wait for the first order."""
        page.goto(url)
        playground = cls(page)
        expect(playground.titles.first).to_be_visible()
        return playground

    @classmethod
    def open_alone(cls, page: Page, url: str) -> "Playground":
        """Open it where there is no service, and wait until it ranks on the device by itself."""
        page.goto(url)
        playground = cls(page)
        expect(playground.readout).to_contain_text("on this device", timeout=_READY_MS)
        return playground

    @property
    def query(self) -> Locator:
        """Where the query is typed."""
        return self.page.get_by_role("searchbox", name="What are you looking for?")

    @property
    def titles(self) -> Locator:
        """The titles of the results; each is the button that clicks its item."""
        return self.page.locator(".result-title")

    @property
    def readout(self) -> Locator:
        """The line with the last answer's time and place."""
        return self.page.locator(".readout")

    @property
    def model(self) -> Locator:
        """The line about the model on this device."""
        return self.page.get_by_role("region", name="Model", exact=True)

    @property
    def kept(self) -> Locator:
        """What is said of a visit without network."""
        return self.page.get_by_role("region", name="Without network", exact=True)

    def wait_until_kept(self) -> None:
        """Wait until the page can be opened without network."""
        expect(self.kept).to_contain_text("opens without network", timeout=_READY_MS)

    def move_to_device(self) -> None:
        """Switch to the ranker in the page, and wait for its first answer."""
        self.page.get_by_role("radio", name="On this device").check()
        expect(self.readout).to_contain_text("on this device", timeout=_READY_MS)

    def type(self, text: str) -> None:
        """Type a query key by key, and wait until the order has followed."""
        self.query.fill("")
        self.query.press_sequentially(text, delay=30)
        self.settle(text)

    def settle(self, text: str) -> None:
        """Wait until the order is the one for a query."""
        expect(self.page.locator(f'#results[data-query="{text}"][aria-busy="false"]')).to_be_visible()

    def best(self) -> str:
        """The title of the first result."""
        return self.titles.first.inner_text().splitlines()[0]

    def took_ms(self) -> float:
        """The time of the last answer, in milliseconds."""
        return float(self.page.locator(".readout-time").inner_text().removesuffix(" ms"))

    def requests_told(self) -> str:
        """The page's line about requests since the switch."""
        return self.page.locator(".figures-sum dd").inner_text()

    def worker_bytes(self) -> int:
        """Bytes of the worker's script, as it came; Playwright tells none of it."""
        found: int = self.page.evaluate(
            "performance.getEntriesByType('resource').find(({name}) => name.includes('/worker-')).encodedBodySize"
        )
        return found
