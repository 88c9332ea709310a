"""A stand-in for a service that releases models, which can be told to misbehave."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from service.releases.bundle import Bundle
from service.releases.delta import make_delta
from service.releases.head_bundle import HeadBundle
from service.releases.listing import Candidate, Listing, OfferedDelta, Release

PREFIX = "/v1/model/"


@dataclass
class Shop:
    """A stand-in for a service, and its answers.

    Attributes:
        url: where it is.
        files: by address under `/v1/model/`; `""` is the listing.
        statuses: answered in the place of 200, each once, first to last, by address.
        cuts: after how many bytes of the body a connection ends, each once, by address.
        ignores_ranges: whether it sends the whole of what a part is asked of.
        asked: addresses and headers of all requests.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    ignores_ranges: bool = False
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def addresses(self) -> list[str]:
        return [address for address, _ in self.asked]

    def release(
        self,
        current: Bundle | None,
        *sources: Bundle,
        candidate: tuple[Bundle, float] | None = None,
        heads: tuple[HeadBundle, ...] | None = None,
        revoked: tuple[str, ...] = (),
    ) -> None:
        """Have a bundle released, with deltas from others, another one for a share of the devices, and heads."""
        for head in heads or ():
            self.files |= {f"{head.revision}/{path}": content for path, content in head.contents.items()}
        told = Listing(
            current=current and self._stock(current, sources),
            candidate=candidate
            and Candidate(**dict(self._stock(candidate[0], sources)), percent=candidate[1], salt="s"),
            heads=None if heads is None else tuple(head.listed for head in heads),
            revoked=revoked,
        )
        self.files[""] = told.model_dump_json(by_alias=True).encode()

    def _stock(self, bundle: Bundle, sources: tuple[Bundle, ...]) -> Release:
        self.files |= {f"{bundle.revision}/{path}": content for path, content in bundle.contents.items()}
        offers = []
        for source in sources:
            old, new = source.device_contents, bundle.device_contents
            content = make_delta(source.revision, old, bundle.revision, new)
            self.files[f"{bundle.revision}/delta/{source.revision}"] = content
            offers.append(OfferedDelta(source=source.revision, bytes=len(content), sha256=sha256(content)))
        return bundle.release(tuple(offers))

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        address = handler.path.removeprefix(PREFIX)
        self.asked.append((address, dict(handler.headers)))
        statuses, content = self.statuses.get(address, []), self.files.get(address)
        status = statuses.pop(0) if statuses else 200 if content is not None else 404
        if status != 200 or content is None:
            content = json.dumps({"error": {"code": "c", "message": "because", "request_id": "r"}}).encode()
        wanted = handler.headers.get("Range", "")
        if status == 200 and wanted and not self.ignores_ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            content = content[start:]
        else:
            handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        cuts = self.cuts.get(address, [])
        handler.wfile.write(content[: cuts.pop(0)] if cuts else content)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def opened() -> Iterator[Shop]:
    """A shop on a free port."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.answer(self)

        def log_message(self, *_: Any) -> None:
            """It says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
