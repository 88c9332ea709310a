import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.artifact.artifact import MANIFEST, MODEL, VOCABULARY
from service.heads.loading import ADAPTERS, HEAD, WEIGHTS
from service.releases.bundle import Bundle
from service.releases.delta import apply_delta
from tests.service.apps import RunningApp, running, settings
from tests.service.pull.bundles import bundle
from tests.service.pull.head_bundles import pack, task_model
from tests.service.security.test_api_keys import digest

URL = "/v1/model/"


@pytest.fixture
def bundles(tmp_path: Path) -> dict[str, Bundle]:
    return {name: bundle(tmp_path / name, name) for name in ("old", "served", "new", "bad", "other")}


@pytest.fixture
async def releasing(tmp_path: Path, bundles: dict[str, Bundle]) -> AsyncIterator[RunningApp]:
    """`served` serves, `new` is the candidate; `old` and `bad` came before, `bad` is revoked, `other` unreleased."""
    (tmp_path / "rollout.toml").write_text(
        f'previous = ["old", "bad"]\nrevoked = ["{bundles["bad"].revision}"]\n'
        '[candidate]\nmodel = "new"\npercent = 10\nsalt = "s"\n'
    )
    changed = settings(model=tmp_path / "served", models=tmp_path, rollout=tmp_path / "rollout.toml")
    async with running(changed, from_folder=True) as service:
        yield service


async def test_the_listing_says_what_is_released(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    response = await releasing.client.get(URL)
    assert response.headers["Cache-Control"] == "public, max-age=60"
    told = response.json()
    served = bundles["served"]
    assert told["schema_version"] == 1
    assert told["current"]["revision"] == served.revision
    assert told["current"]["device_bytes"] == served.manifest.device_bytes
    assert told["current"]["files"][0]["path"] == MANIFEST
    assert {file["path"]: file["sha256"] for file in told["current"]["files"]} == {
        path: hashlib.sha256(content).hexdigest() for path, content in served.contents.items()
    }
    assert (told["candidate"]["revision"], told["candidate"]["percent"]) == (bundles["new"].revision, 10)
    assert told["candidate"]["salt"] == "s"
    assert told["revoked"] == [bundles["bad"].revision]


async def test_who_has_the_listing_gets_none(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    for source in ("old", "new", "bad"):
        await releasing.client.get(f"{URL}{bundles['served'].revision}/delta/{bundles[source].revision}")
    for source in ("old", "served", "bad"):
        await releasing.client.get(f"{URL}{bundles['new'].revision}/delta/{bundles[source].revision}")
    response = await releasing.client.get(URL)  # all deltas are made: it stays as it is
    again = await releasing.client.get(URL, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == response.headers["ETag"]
    assert (await releasing.client.get(URL, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_every_file_comes_whole(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    for name in ("served", "new", "old"):
        for path, content in bundles[name].contents.items():
            response = await releasing.client.get(f"{URL}{bundles[name].revision}/{path}")
            assert response.status_code == 200
            assert response.content == content
            assert response.headers["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
            kept = "no-cache" if path == MANIFEST else "max-age=31536000, immutable"
            assert response.headers["Cache-Control"] == f"public, {kept}"


async def test_a_part_of_a_file_comes(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    content, url = bundles["served"].contents[MODEL], f"{URL}{bundles['served'].revision}/{MODEL}"
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    get = releasing.client.get
    response = await get(url, headers={"Range": "bytes=10-19"})
    assert (response.status_code, response.content) == (206, content[10:20])
    assert response.headers["Content-Range"] == f"bytes 10-19/{len(content)}"
    assert response.headers["Content-Length"] == "10"
    assert response.headers["ETag"] == etag
    response = await get(url, headers={"Range": "bytes=10-", "If-Range": etag})
    assert (response.status_code, response.content) == (206, content[10:])
    for if_range in ('"other"', f"W/{etag}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        response = await get(url, headers={"Range": "bytes=10-", "If-Range": if_range})
        assert (response.status_code, response.content) == (200, content)
    response = await get(url, headers={"Range": f"bytes={len(content)}-"})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(content)}"
    assert response.json()["error"]["code"] == "range_not_satisfiable"
    assert (await get(url, headers={"If-None-Match": etag, "Range": "bytes=1-"})).status_code == 304


async def test_a_head_says_how_large_a_file_is(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    content, url = bundles["served"].contents[VOCABULARY], f"{URL}{bundles['served'].revision}/{VOCABULARY}"
    response = await releasing.client.head(url, headers={"Range": "bytes=1-2"})
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Length"] == str(len(content))
    assert response.headers["Accept-Ranges"] == "bytes"


async def test_only_files_that_the_manifest_names_come(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    revision, other = bundles["served"].revision, bundles["other"].revision
    for path in (
        *(f"{revision}/{path}" for path in ("", "none", "onnx", "%2e%2e/rollout.toml", "onnx/%2e%2e/vocab.txt")),
        *(f"{revision}/{path}" for path in ("/etc/passwd", "%2Fetc%2Fpasswd", "..%5crollout.toml", "vocab.txt%00")),
        *(f"{other}/{path}" for path in (MANIFEST, VOCABULARY)),
        f"{revision[:12]}/{MANIFEST}",
        f"served/{MANIFEST}",
    ):
        response = await releasing.client.get(f"{URL}{path}")
        assert response.status_code == 404, path
        assert response.json()["error"]["code"] in ("not_released", "not_found")


async def test_a_delta_comes_if_it_is_offered(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    old, served = bundles["old"], bundles["served"]
    for source in (old, bundles["bad"], bundles["new"]):
        response = await releasing.client.get(f"{URL}{served.revision}/delta/{source.revision}")
        assert response.status_code == 200
        sizes = {path: len(content) for path, content in served.device_contents.items()}
        made = apply_delta(response.content, source.revision, source.device_contents, served.revision, sizes)
        assert made == served.device_contents
    url = f"{URL}{served.revision}/delta/{old.revision}"
    whole = await releasing.client.get(url)
    part = await releasing.client.get(url, headers={"Range": "bytes=5-", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.content) == (206, whole.content[5:])
    told = {one["from"]: one for one in (await releasing.client.get(URL)).json()["current"]["deltas"]}
    assert told[old.revision] == {
        "from": old.revision,
        "bytes": len(whole.content),
        "sha256": whole.headers["ETag"].strip('"'),
    }
    for one, to in (("other", "served"), ("served", "old"), ("served", "served"), ("old", "other")):
        response = await releasing.client.get(f"{URL}{bundles[to].revision}/delta/{bundles[one].revision}")
        assert response.status_code == 404


async def test_what_is_revoked_is_gone(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    for path in (VOCABULARY, f"delta/{bundles['old'].revision}"):
        response = await releasing.client.get(f"{URL}{bundles['bad'].revision}/{path}")
        assert response.status_code == 410
        assert response.json()["error"]["code"] == "revoked"


async def test_bytes_are_counted_by_what_they_are_of(releasing: RunningApp, bundles: dict[str, Bundle]) -> None:
    revision, old = bundles["served"].revision, bundles["old"].revision
    listing = await releasing.client.get(URL)
    delta = await releasing.client.get(f"{URL}{revision}/delta/{old}")
    await releasing.client.get(f"{URL}{revision}/{MODEL}", headers={"Range": "bytes=0-99"})
    await releasing.client.head(f"{URL}{revision}/{MODEL}")
    counted = {kind: releasing.metric("download_bytes_total", kind=kind) for kind in ("listing", "file", "delta")}
    assert counted == {"listing": len(listing.content), "file": 100, "delta": len(delta.content)}


async def test_a_folder_that_changes_changes_nothing(
    releasing: RunningApp, bundles: dict[str, Bundle], tmp_path: Path
) -> None:
    (tmp_path / "served" / VOCABULARY).write_text("other")
    served = bundles["served"]
    response = await releasing.client.get(f"{URL}{served.revision}/{VOCABULARY}")
    assert response.content == served.contents[VOCABULARY]


@pytest.mark.parametrize("public", [False, True])
async def test_where_there_are_keys_one_is_needed_unless_the_model_is_public(tmp_path: Path, public: bool) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'[keys.app]\nsha256 = "{digest("good")}"\n')
    served = bundle(tmp_path / "served")
    changed = settings(model=tmp_path / "served", api_keys_file=keys, public_model=public)
    async with running(changed, from_folder=True) as service:
        for path in ("", f"{served.revision}/{VOCABULARY}"):
            assert (await service.client.get(URL + path)).status_code == (200 if public else 401)
            response = await service.client.get(URL + path, headers={"X-API-Key": "good"})
            assert response.status_code == 200
            assert response.headers["Cache-Control"].startswith("public" if public else "private")
        for path in ("/v1/info", "/v1/modelling", "/v1/model"):
            assert (await service.client.get(path)).status_code == 401


async def test_heads_come_like_models(tmp_path: Path) -> None:
    served, heads = bundle(tmp_path / "served"), tmp_path / "heads"
    made, revoked = pack(heads / "intents", served), pack(heads / "bad", served, "bad")
    task = task_model(heads / "tones")
    (tmp_path / "rollout.toml").write_text(f'revoked = ["{revoked.revision}"]')
    changed = settings(
        model=tmp_path / "served", models=tmp_path, rollout=tmp_path / "rollout.toml", released_heads=heads
    )
    async with running(changed, from_folder=True) as service:
        get = service.client.get
        told = (await get(URL)).json()
        assert told["schema_version"] == 1
        assert told["current"]["encoder_revision"] == served.manifest.encoder_revision
        assert [one["name"] for one in told["heads"]] == ["intents", "tones"]
        for one in (made, task):
            for path, content in one.contents.items():
                response = await get(f"{URL}{one.revision}/{path}")
                assert (response.status_code, response.content) == (200, content)
                assert response.headers["ETag"] == f'"{one.files[path].sha256}"'
                kept = "no-cache" if path in (HEAD, MANIFEST) else "max-age=31536000, immutable"
                assert response.headers["Cache-Control"] == f"public, {kept}"
        part = await get(f"{URL}{made.revision}/{ADAPTERS}", headers={"Range": "bytes=3-"})
        assert (part.status_code, part.content) == (206, made.contents[ADAPTERS][3:])
        assert (await get(f"{URL}{revoked.revision}/{WEIGHTS}")).status_code == 410
        for path in ("", "README.md", "../tones/manifest.json", f"delta/{served.revision}"):
            assert (await get(f"{URL}{made.revision}/{path}")).status_code == 404


async def test_a_head_that_another_worker_lists_already_is_found(tmp_path: Path) -> None:
    served, heads = bundle(tmp_path / "served"), tmp_path / "heads"
    heads.mkdir()
    changed = settings(model=tmp_path / "served", released_heads=heads)
    async with running(changed, from_folder=True) as service:
        await service.client.get(URL)
        made = pack(heads / "intents", served)
        await asyncio.sleep(0.1)  # no folder is looked at all the time
        response = await service.client.get(f"{URL}{made.revision}/{HEAD}")
        assert response.status_code == 200


@pytest.mark.parametrize("public", [False, True])
async def test_heads_are_as_public_as_the_model(tmp_path: Path, public: bool) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'[keys.app]\nsha256 = "{digest("good")}"\n')
    bundle(tmp_path / "served")
    made = task_model(tmp_path / "heads" / "tones")
    changed = settings(
        model=tmp_path / "served", api_keys_file=keys, public_model=public, released_heads=tmp_path / "heads"
    )
    async with running(changed, from_folder=True) as service:
        response = await service.client.get(f"{URL}{made.revision}/{MANIFEST}")
        assert response.status_code == (200 if public else 401)
