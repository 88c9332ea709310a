import gzip
import hashlib
import re
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import Response

from service.files.static import read_files
from service.settings import PLAYGROUND
from tests.service.apps import RunningApp, running, settings
from tests.service.security.test_api_keys import write

WASM = next(path.name.removesuffix(".gz") for path in PLAYGROUND.iterdir() if path.name.endswith(".wasm.gz"))


@pytest.fixture
async def service() -> AsyncIterator[RunningApp]:
    async with running() as app:
        yield app


async def get(service: RunningApp, path: str, method: str = "GET", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await service.client.request(method, path, headers=named)


async def test_the_page_and_all_that_it_names_are_served(service: RunningApp) -> None:
    page = await get(service, "/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) >= 5
    for path in named:
        assert path.startswith("/playground/")
        file = await get(service, path)
        assert file.status_code == 200
        named_by_content = not path.endswith((".webmanifest", ".png"))
        assert (file.headers["cache-control"] == "public, max-age=31536000, immutable") == named_by_content


async def test_the_page_can_be_installed(service: RunningApp) -> None:
    answer = await get(service, "/playground/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    assert answer.headers["cache-control"] == "no-cache"
    manifest = answer.json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    for icon in manifest["icons"]:
        picture = await get(service, icon["src"])
        assert picture.headers["content-type"] == icon["type"] == "image/png"
        width, height = struct.unpack(">II", picture.content[16:24])
        assert icon["sizes"] == f"{width}x{height}"


async def test_the_service_worker_may_answer_for_the_page_and_is_asked_for_anew(service: RunningApp) -> None:
    answer = await get(service, "/playground/service-worker.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["service-worker-allowed"] == "/"
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    again = await get(service, "/playground/service-worker.js", if_none_match=answer.headers["etag"])
    assert (again.status_code, again.headers["service-worker-allowed"]) == (304, "/")
    for path in ("/", "/playground/manifest.webmanifest", f"/playground/{WASM}"):
        assert "service-worker-allowed" not in (await get(service, path, "HEAD")).headers


async def test_the_service_worker_keeps_the_page_that_is_served_with_all_that_it_runs_on(service: RunningApp) -> None:
    script = (await get(service, "/playground/service-worker.js")).text
    page = await get(service, "/")
    assert f'"pageSha256":"{hashlib.sha256(page.content).hexdigest()}"' in script
    kept = set(re.findall(r'"(/playground/[^"]+)"', script))
    assert kept == {f"/playground/{name}" for name, file in read_files(PLAYGROUND).items() if file.immutable}
    assert f"/playground/{WASM}" in kept
    assert not re.search(r"\bimport\b|\bexport\b|/v1/", script)


async def test_the_page_is_asked_for_anew_each_time(service: RunningApp) -> None:
    page = await get(service, "/")
    assert page.headers["cache-control"] == "no-cache"
    again = await get(service, "/", if_none_match=page.headers["etag"])
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == page.headers["etag"]
    assert "content-security-policy" in again.headers


async def test_what_is_compressed_is_inflated_for_who_can_not(service: RunningApp) -> None:
    packed = await get(service, f"/playground/{WASM}", accept_encoding="gzip")
    plain = await get(service, f"/playground/{WASM}", accept_encoding="identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == (PLAYGROUND / f"{WASM}.gz").stat().st_size
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content == gzip.decompress((PLAYGROUND / f"{WASM}.gz").read_bytes())
    for response in (packed, plain):
        assert response.headers["content-type"] == "application/wasm"
        assert response.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("coding", ["gzip", "identity"])
async def test_head_tells_the_same_without_the_body(service: RunningApp, coding: str) -> None:
    got = await get(service, f"/playground/{WASM}", accept_encoding=coding)
    head = await get(service, f"/playground/{WASM}", "HEAD", accept_encoding=coding)
    assert head.status_code == 200
    assert head.content == b""
    own = {"x-request-id", "date"}
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in got.headers.items() if k not in own
    }


async def test_nothing_is_loaded_from_elsewhere_and_no_script_is_made_of_text(service: RunningApp) -> None:
    script = next(path.name.removesuffix(".gz") for path in PLAYGROUND.iterdir() if "worker-" in path.name)
    for path in ("/", f"/playground/{script}"):
        headers = (await get(service, path)).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
        assert policy["connect-src"] == policy["worker-src"] == policy["style-src"] == "'self'"
        assert policy["manifest-src"] == policy["img-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
        assert "geolocation=()" in headers["permissions-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-embedder-policy"] == "require-corp"


@pytest.mark.parametrize(
    "path",
    [
        "/playground/nothing.js",
        "/playground/",
        "/playground/../settings.py",
        "/playground/%2e%2e/settings.py",
        "/playground/..%2fmodel%2fmanifest.json",
        "/playground/..%5cmodel%5cmanifest.json",
        "/playground//etc/passwd",
        "/playground/%2fetc%2fpasswd",
        "/playground/index.html.gz",
        "/playground/index.html%00.js",
        "/playground/.",
    ],
)
async def test_nothing_else_is_served(service: RunningApp, path: str) -> None:
    response = await get(service, path)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


async def test_nobody_can_write_there(service: RunningApp) -> None:
    for method in ("POST", "PUT", "DELETE"):
        response = await get(service, "/", method)
        assert response.status_code == 405
        assert response.json()["error"]["code"] == "method_not_allowed"


async def test_it_can_be_switched_off() -> None:
    async with running(settings(playground=False)) as service:
        for path in ("/", f"/playground/{WASM}"):
            assert (await get(service, path)).status_code == 404


async def test_with_api_keys_its_files_are_open_and_nothing_else_is(tmp_path: Path) -> None:
    keys = write(tmp_path / "keys.toml", checkout="good")
    async with running(settings(api_keys_file=keys)) as service:
        assert (await get(service, "/")).status_code == 200
        assert (await get(service, f"/playground/{WASM}", "HEAD")).status_code == 200
        assert (await get(service, "/v1/catalogue")).status_code == 401
        assert (await get(service, "/v1/catalogue", x_api_key="good")).status_code == 200
    async with running(settings(api_keys_file=keys, playground=False)) as service:
        assert (await get(service, f"/playground/{WASM}")).status_code == 401


async def test_no_path_of_it_becomes_a_label(service: RunningApp) -> None:
    await get(service, "/playground/secret.js")
    assert service.metric("requests_total", method="GET", route="/playground/{name}", status="404") == 1
