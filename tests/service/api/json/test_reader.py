"""The worst bodies within the limit on bytes."""

import asyncio
import gc
import time
from contextlib import suppress

import pytest
from pydantic import BaseModel, ValidationError

from service.api.json.bounds import JsonBounds
from service.api.json.reader import JsonReader
from service.api.responses.errors import api_error_response
from service.api.schemas.classify import ClassifyRequest
from service.api.schemas.embeddings import EmbeddingsRequest
from service.api.schemas.feedback import FeedbackRequest
from service.api.schemas.items import ItemsRequest
from service.api.schemas.rank import RankRequest
from service.api.schemas.rerank import RerankRequest
from service.errors import MAX_DETAILS, ApiError, InvalidJsonError, RequestTooLargeError
from service.http.request_state import RequestState
from tests.service.apps import settings

BOUNDS = JsonBounds.of(settings())
MOST_BYTES = 2_000_000
LONG_S = 0.5  # some ten times what the worst of them takes


def filled(before: bytes, element: bytes, after: bytes, most: int = MOST_BYTES) -> bytes:
    """A body with as many equal elements as `most` bytes have room for."""
    return before + b",".join([element] * ((most - len(before) - len(after)) // (len(element) + 1))) + after


def numbered(before: bytes, element: bytes, after: bytes, count: int) -> bytes:
    return before + b",".join(element % number for number in range(count)) + after


def refused(body_type: type[BaseModel], body: bytes) -> ApiError:
    reader = JsonReader(body_type)
    began = time.process_time()
    with pytest.raises(ApiError) as caught:
        asyncio.run(reader.read(body, BOUNDS))
    assert time.process_time() - began < LONG_S
    assert len(caught.value.details) <= MAX_DETAILS
    assert len(api_error_response(caught.value, RequestState()).body) < 20_000
    return caught.value


@pytest.mark.parametrize("element", [b"0", b"{}", b"[]", b'""', b"null", b"[[]]", b'{"":0}', b"1.5e10"])
@pytest.mark.parametrize("most", [2_000, 20_000, 200_000, MOST_BYTES])
@pytest.mark.parametrize(
    ("body_type", "before", "after"),
    [
        (RankRequest, b'{"candidates":[', b"]}"),
        (RankRequest, b'{"candidates":[],"user":{"history":[', b"]}}"),
        (RankRequest, b'{"candidates":[],"query":[', b"]}"),
        (RerankRequest, b'{"query":"x","top_n":0,"documents":[', b"]}"),
        (EmbeddingsRequest, b'{"dimensions":"","input":[', b"]}"),
        (ClassifyRequest, b'{"inputs":[', b"]}"),
        (ItemsRequest, b'{"items":[', b"]}"),
        (FeedbackRequest, b'{"events":[', b"]}"),
    ],
)
def test_many_wrong_elements(
    body_type: type[BaseModel], before: bytes, after: bytes, element: bytes, most: int
) -> None:
    refused(body_type, filled(before, element, after, most))


@pytest.mark.parametrize(
    "body",
    [
        numbered(b"{", b'"%x":0', b"}", 180_000),
        numbered(b'{"candidates":[{"id":"a","features":{', b'"%x":""', b"}}]}", 150_000),
        numbered(b'{"candidates":[],"context":{', b'"%x":[]', b"}}", 150_000),
        numbered(b'{"candidates":[],"context":{', b'"%x":[]', b"}}", 250),
        b'{"candidates":[' + b",".join([numbered(b"{", b'"%x":0', b"}", 250)] * 1000) + b"]}",
        numbered(b'{"candidates":[{"id":"a","features":{', b"%b" % (b'"' + b"\\u0001" * 70 + b'%d":""'), b"}}]}", 250),
        b'{"candidates":[],"query":' + b"1" * MOST_BYTES + b"}",
        b'{"candidates":[{"id":"a","score":' + b"1" * MOST_BYTES + b"}]}",
        b'{"candidates":[{"id":"a","score":0.' + b"1" * MOST_BYTES + b"x}]}",
        b'{"candidates":[],"' + b"k" * MOST_BYTES + b'":1}',
        b'{"candidates":[],"' + b"\\ud83c" * 300_000 + b'":1}',
        b'{"query":"\\ud83c","x":[' + b",".join([b"9" * 4299] * 400) + b"]}",
        b'{"query":"\\ud83c","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"candidates":' + b"[" * 1_000_000,
        b'{"candidates":' + b'{"a":' * 300_000,
        b'"' * 1_900_000,
        b'"\\' * 900_000,
    ],
    ids=lambda body: f"{body[:40].decode()}{len(body)}",
)
def test_bodies_that_are_hostile(body: bytes) -> None:
    refused(RankRequest, body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"candidates":[],"query":"' + b"," * 1_900_000 + b'"}',
        b'{"candidates":[],"query":"' + b'\\",[{' * 300_000 + b'"}',
        b'{"candidates":[],"query":"' + b"\\ud83c" * 300_000 + b'"}',
        b'{"candidates":['
        + b",".join(numbered(b'{"id":"%d","features":{' % one, b'"f%d":1.5', b"}}", 64) for one in range(1000))
        + b"]}",
    ],
    ids=["commas", "brackets in a text", "halves of emoji", "all features"],
)
async def test_bodies_that_are_large_and_right(body: bytes) -> None:
    await JsonReader(RankRequest).read(body, BOUNDS)


def test_a_list_that_is_far_too_long_is_reported_by_its_name() -> None:
    error = refused(RerankRequest, b'{"query":"x","documents":[' + b",".join([b"0"] * 50_000) + b"]}")
    assert isinstance(error, RequestTooLargeError)
    assert [(one.field, one.message) for one in error.details] == [("documents", "at most 1000; this has 50000")]


def test_a_name_that_is_not_ours_is_not_repeated() -> None:
    error = refused(RerankRequest, b'{"query":"x","secret":[' + b",".join([b"0"] * 50_000) + b"]}")
    assert [one.field for one in error.details] == ["body"]


def test_of_many_errors_the_first_twenty_are_reported_and_the_others_counted() -> None:
    error = refused(RankRequest, numbered(b'{"candidates":[', b'{"id":%d}', b"]}", 33))
    assert [one.field for one in error.details] == [f"candidates[{number}].id" for number in range(20)]
    assert error.message == "the request is not valid: see details; 13 more errors are not listed"


def test_of_a_long_list_the_first_wrong_element_is_reported_alone() -> None:
    events = [b'{"request_id":"r","item_id":"i","action":"click"}'] * 600
    events[400] = events[500] = b'{"request_id":"r","item_id":"i","action":"dance"}'
    error = refused(FeedbackRequest, b'{"events":[' + b",".join(events) + b"]}")
    assert [one.field for one in error.details] == ["events[400].action"]
    assert "only the first invalid element" in error.message


def test_what_is_no_json_is_reported_as_that() -> None:
    assert isinstance(refused(RankRequest, b'{"candidates":'), InvalidJsonError)


async def test_what_was_refused_leaves_nothing_for_the_collector() -> None:
    """Full collections are seldom: what waits for one keeps megabytes."""
    bodies = (b'{"candidates":[{}]}', b'{"candidates":[{}],"query":"\\ud800"}', b"{")
    reader = JsonReader(RankRequest)
    gc.collect()
    gc.disable()
    before = {id(one) for one in gc.get_objects()}  # what other tests have left is theirs
    try:
        for body in bodies:
            with suppress(ApiError):
                await reader.read(body, BOUNDS)
        new = [one for one in gc.get_objects() if id(one) not in before]
        assert not [one for one in new if isinstance(one, ValidationError | ApiError)]
    finally:
        gc.enable()
