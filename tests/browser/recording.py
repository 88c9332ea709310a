"""The requests that a browser sent, as it reports them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request


@dataclass
class Recording:
    """Requests of all pages and workers of a context, in their order, and what its pages complained of."""

    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext) -> "Recording":
        """A recording of a context from now on."""
        recording = cls()
        context.on("request", recording._note_request)
        context.on("page", recording._listen)
        return recording

    def _note_request(self, request: Request) -> None:
        self.requests.append(request)

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def since(self, mark: int) -> Sequence[Request]:
        """The requests after so many."""
        return self.requests[mark:]

    def addresses(self, mark: int) -> list[str]:
        """The requests after a number of them."""
        return [request.url for request in self.since(mark)]

    def elsewhere(self, origin: str) -> list[str]:
        """Addresses of requests that went to another origin."""
        return [request.url for request in self.requests if not _within(request.url, origin)]

    def holding(self, word: str, mark: int = 0) -> list[str]:
        """Addresses of the requests after so many, of open pages, that had a word in their address, headers or body."""
        return [request.url for request in self.since(mark) if word in _sent(request).lower()]


def body_bytes(requests: Sequence[Request]) -> int:
    """Bytes of the bodies that came back, as they came: compressed. What the browser had counts nothing."""
    return sum(max(0, request.sizes()["responseBodySize"]) for request in requests)


def _within(url: str, origin: str) -> bool:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" == origin


def _sent(request: Request) -> str:
    return " ".join([request.url, *request.all_headers().values(), request.post_data or ""])
