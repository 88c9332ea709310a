"""Write what the device library must do, as the service does it.

    python -m tests.web.expectations FOLDER

    model.json         the encoder's revision
    texts.jsonl        15,000 texts, each with the windows that the model reads, whether it was cut, whether it can be
                       read, and its words
    vectors.jsonl      500 texts with the vectors of their windows, and their own
    ranking.jsonl      400 rank requests in their order, each with the service's answer
    refused.jsonl      requests that the service refuses, each with its code and fields

The same in every run. The answers are those of a service that is started for it, over HTTP.
"""

import argparse
import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loadtests.harness.processes import SERVE, Serving, serving
from service.artifact.artifact import load_artifact
from service.encoder.onnx import OnnxEncoder
from service.feature_store.items.catalogue import read_catalogue
from service.settings import BUNDLED_MODEL, DEMO_CATALOGUE
from service.text.terms import Terms
from service.text.wordpiece import WordPieceTokenizer
from tests.web.rank_requests import REFUSED, Json, rank_requests
from tests.web.texts import odd_texts

_SEED = 8
_TEXTS = 15_000
_VECTORS = 500
_REQUESTS = 400


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    texts = odd_texts(_TEXTS, _SEED)
    artifact = load_artifact(BUNDLED_MODEL)
    revision = {"encoder_revision": artifact.manifest.encoder_revision}
    (folder / "model.json").write_text(json.dumps(revision), encoding="utf-8")
    _write(folder / "texts.jsonl", _pieces(texts))
    _write(folder / "vectors.jsonl", _vectors(texts[:: len(texts) // _VECTORS]))
    with serving((*SERVE, "--demo")) as service:
        requests = rank_requests(_REQUESTS, _SEED, read_catalogue(DEMO_CATALOGUE))
        _write(folder / "ranking.jsonl", ({"request": one, "answer": _ask(service, one)} for one in requests))
        _write(folder / "refused.jsonl", ({"request": one, "error": _refusal(service, one)} for one in REFUSED))


def _pieces(texts: list[str]) -> Iterable[Json]:
    tokenizer = WordPieceTokenizer(load_artifact(BUNDLED_MODEL))
    tokenized = tokenizer.encode(texts)
    for text, one, terms in zip(texts, tokenized, tokenizer.terms(tokenized), strict=True):
        read = {"windows": one.windows, "truncated": one.truncated, "readable": one.readable}
        yield {"text": text, **read, **_words(terms)}


def _words(terms: Terms) -> Json:
    return {
        "hashes": base64.b64encode(terms.hashes).decode(),
        "rarities": base64.b64encode(terms.idf).decode(),
        "repetition": terms.repetition,
        "compounds": [{"whole": one.whole, "parts": one.parts} for one in terms.compounds],
    }


def _vectors(texts: list[str]) -> Iterable[Json]:
    encoding = OnnxEncoder(load_artifact(BUNDLED_MODEL)).encode(texts)
    for text, vector, windows in zip(texts, encoding.vectors.tolist(), encoding.windows, strict=True):
        yield {"text": text, "vector": vector, "windows": windows.tolist()}


def _ask(service: Serving, body: Json) -> Any:
    request = urllib.request.Request(
        f"{service.url}/v1/rank", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def _refusal(service: Serving, body: Json) -> Json:
    try:
        _ask(service, body)
    except urllib.error.HTTPError as error:
        told = json.load(error)["error"]
        return {"code": told["code"], "fields": sorted({one["field"] for one in told["details"]})}
    raise SystemExit("a request was answered that was to be refused")


def _write(path: Path, lines: Iterable[Json]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
