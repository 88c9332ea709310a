"""Builds of the playground's page, served one after the other by the service's own routes."""

import gzip
import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from loadtests.harness.processes import free_port
from service.api.routes.playground import PAGE, SERVICE_WORKER, playground_router
from service.files.static import StaticFile, read_files
from service.settings import PLAYGROUND

OTHER_TITLE = "Another build"


@dataclass(frozen=True)
class Builds:
    """A server that has the page's files, and nothing else.

    Attributes:
        url: the base URL.
        files: what is served now, by name.
        first: the build that the package carries.
        second: one with another title, whose script has another name.
    """

    url: str
    files: dict[str, StaticFile]
    first: dict[str, StaticFile]
    second: dict[str, StaticFile]

    def serve(self, build: dict[str, StaticFile]) -> None:
        """Serve another build from now on; an empty one is none."""
        self.files.clear()
        self.files.update(build)


@contextmanager
def builds(folder: Path) -> Iterator[Builds]:
    """Serve the first build, until the block ends."""
    first = dict(read_files(PLAYGROUND))
    files = dict(first)
    routes = FastAPI(openapi_url=None)
    routes.include_router(playground_router(files))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (routes if files else Response("There is no page.", 404))(scope, receive, send)

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Builds(f"http://127.0.0.1:{port}", files, first, _another(folder))
    finally:
        server.should_exit = True
        thread.join()


def _another(folder: Path) -> dict[str, StaticFile]:
    texts = {name: _text(file) for name, file in read_files(PLAYGROUND).items() if name.endswith((".html", ".js"))}
    script = next(name for name in texts if re.fullmatch(r"index-.{8}\.js", name))
    page = re.sub("<title>.*</title>", f"<title>{OTHER_TITLE}</title>", texts[PAGE]).replace(
        script, "index-Another1.js"
    )
    worker = texts[SERVICE_WORKER].replace('"version":"', '"version":"another-').replace(script, "index-Another1.js")
    worker = worker.replace(_sha256(texts[PAGE]), _sha256(page))
    for path in PLAYGROUND.iterdir():
        if script not in path.name:
            (folder / path.name).write_bytes(path.read_bytes())
    for name, text in ((PAGE, page), (SERVICE_WORKER, worker), ("index-Another1.js", texts[script] + "\n")):
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    return dict(read_files(folder))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(file: StaticFile) -> str:
    return b"".join(file.inflated()).decode() if file.compressed else file.path.read_text(encoding="utf-8")
