"""Large bodies are read in pieces, to the same requests and errors as in one."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from service.api.json.bounds import JsonBounds
from service.api.json.reader import JsonReader
from service.api.json.splitting import split_list
from service.api.schemas.classify import ClassifyRequest
from service.api.schemas.embeddings import EmbeddingsRequest
from service.api.schemas.feedback import FeedbackRequest
from service.api.schemas.items import ItemsRequest
from service.api.schemas.rank import RankRequest
from service.api.schemas.rerank import RerankRequest
from service.errors import InvalidJsonError, InvalidRequestError
from tests.service.apps import settings

FEATURES = {f"f{number}": number / 7 for number in range(60)}
MANY = 300
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.sampled_from(['"', "\\", '\\"', "[{,}]", "é"])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=4)),
)


async def read(body_type: type[BaseModel], body: bytes) -> BaseModel:
    return await JsonReader(body_type).read(body, JsonBounds.of(settings()))


def rank_body(count: int = MANY, **changes: Any) -> dict[str, Any]:
    candidates = [{"id": f"i{one}", "text": 'a "[{,}]\\" text', "features": {**FEATURES}} for one in range(count)]
    return {"query": "a", "candidates": candidates, "options": {"explain": True}, **changes}


def large(kind: str) -> tuple[type[BaseModel], dict[str, Any]]:
    """A body of a kind that takes long enough to be read in pieces."""
    texts = ["\n" * 600 + str(one) for one in range(MANY)]
    event = {"request_id": "r", "item_id": "i" * 200, "action": "click"}
    kinds: dict[str, Callable[[], tuple[type[BaseModel], dict[str, Any]]]] = {
        "rank": lambda: (RankRequest, rank_body()),
        "items": lambda: (ItemsRequest, {"items": [{"id": one[-3:], "text": one} for one in texts]}),
        "feedback": lambda: (FeedbackRequest, {"events": [{**event, "item_id": "\n" * 250}] * 1000}),
        "embeddings": lambda: (EmbeddingsRequest, {"input": texts, "user": [1, 2]}),
        "rerank": lambda: (RerankRequest, {"query": "q", "documents": [*texts, {"text": "b", "more": [{}]}, "c"]}),
        "texts": lambda: (ClassifyRequest, {"head": "h", "inputs": texts}),
        "pairs": lambda: (ClassifyRequest, {"head": "h", "inputs": [[one, "b"] for one in texts]}),
    }
    return kinds[kind]()


@pytest.mark.parametrize("kind", ["rank", "items", "feedback", "embeddings", "rerank", "texts", "pairs"])
@pytest.mark.parametrize("indent", [None, 1])
async def test_a_large_body_is_the_same_request_in_pieces(kind: str, indent: int | None) -> None:
    body_type, said = large(kind)
    body = json.dumps(said, indent=indent).encode()
    name = max(said, key=lambda one: len(str(said[one])))
    assert len(split_list(body, name).pieces) > 2
    assert await read(body_type, body) == body_type.model_validate_json(body)


@given(elements=st.lists(VALUES, max_size=30), other=VALUES, ascii_=st.booleans(), size=st.sampled_from([1, 9, 40]))
def test_a_cut_keeps_every_element(elements: list[Any], other: Any, ascii_: bool, size: int) -> None:
    said = {"before": other, "list": elements * size, "after": [other]}
    body = json.dumps(said, ensure_ascii=ascii_).encode()
    cut = split_list(body, "list")
    pieces = [json.loads(piece) for piece in cut.pieces]
    assert [len(piece) for piece in pieces] == list(cut.sizes)
    rest = json.loads(cut.rest)
    rest["list"] += [one for piece in pieces for one in piece]
    assert rest == said
    assert split_list(body, "another").rest == body


def test_pieces_are_small() -> None:
    cut = split_list(json.dumps({"list": [["a", "b"]] * 50_000}).encode(), "list")
    assert max(map(len, cut.pieces)) < 40_000
    assert sum(cut.sizes) == 49_999
    assert len(cut.rest) < 30


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda said: said["candidates"][123].update(score="high"), "candidates[123].score"),
        (lambda said: said["candidates"][0].update(text=1), "candidates[0].text"),
        (lambda said: said["candidates"].append(5), f"candidates[{MANY}]"),
        (lambda said: said["candidates"].append({"id": "i7"}), "body"),
        (lambda said: said["candidates"][9]["features"].update(age_s=-1), "body"),
        (lambda said: said["options"].update(top_n=0), "options.top_n"),
        (lambda said: said.update(more=1), "more"),
    ],
)
async def test_what_is_wrong_is_reported_as_of_a_small_body(change: Callable[[Any], None], field: str) -> None:
    said = rank_body()
    change(said)
    body = json.dumps(said).encode()
    with pytest.raises(InvalidRequestError) as refused:
        await read(RankRequest, body)
    assert [(one.field, one.message) for one in refused.value.details] == [(field, message_of(body))]


def message_of(body: bytes) -> str:
    """Pydantic's errors; the exception itself is let go of: it holds more than a collector sees."""
    try:
        RankRequest.model_validate_json(body)
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
    raise AssertionError("it is valid")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-1],
        lambda body: body + b"]",
        lambda body: body.replace(b'{"id": "i9"', b',{"id": "i9"', 1),
        lambda body: body.replace(b'{"id": "i200"', b'}{"id": "i200"', 1),
        lambda body: body.replace(b'{"id": "i200"', b'"{"id": "i200"', 1),
        lambda body: body.replace(b'}], "options"', b'},], "options"', 1),
        lambda body: body.replace(b'}], "options"', b'}}, "options"', 1),
        lambda body: body.replace(b'"candidates"', b'"candidates": 1 "b"', 1),
        lambda _: b"[" * 30_000,
        lambda body: b'"' + body,
        lambda _: b"\xff" * 30_000 + b"\\" * 300_000,
    ],
)
async def test_a_body_that_is_no_json_is_reported(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InvalidJsonError):
        await read(RankRequest, spoil(json.dumps(rank_body()).encode()))


async def test_a_field_that_comes_twice_counts_as_it_comes_last() -> None:
    body = json.dumps(rank_body()).encode()
    for twice in (
        body[:-1] + b', "candidates": [{"id": "last"}]}',
        body[:-1] + b', "candidates": []}',
        b'{"candidates": [{"id": "first"}], ' + body[1:],
    ):
        assert await read(RankRequest, twice) == RankRequest.model_validate_json(twice)
    with pytest.raises(InvalidRequestError):
        await read(RankRequest, body[:-1] + b', "candidates": 5}')


async def test_an_emoji_that_was_cut_is_a_question_mark_in_every_piece() -> None:
    said = rank_body()
    for one in (0, 7, MANY - 1):
        said["candidates"][one]["text"] = "cut \ud83d"
    request = await read(RankRequest, json.dumps(said).encode())
    assert isinstance(request, RankRequest)
    assert {request.candidates[one]["text"] for one in (0, 7, MANY - 1)} == {"cut ?"}


async def test_commas_in_texts_are_no_values() -> None:
    texts = [",[{" * 100_000, "b"]
    assert await read(EmbeddingsRequest, json.dumps({"input": texts}).encode()) == EmbeddingsRequest(input=texts)
