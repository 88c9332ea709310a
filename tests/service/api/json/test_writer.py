from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import TypeAdapter

from service.api.json.writer import JsonResponse, JsonWriter
from service.api.schemas.classify import ClassifyResponse, ClassifyResult, ClassifyTiming, ClassifyUsage, ClassScore
from service.api.schemas.embeddings import Embedding, EmbeddingsResponse, EmbeddingsUsage
from service.api.schemas.feedback import FeedbackResponse


def classes(count: int, label: str = "a") -> ClassifyResponse:
    results = [
        ClassifyResult(one, "ok", 0.1 + one, None if one % 3 else label, [ClassScore(label, one / 7)] * (one % 4))
        for one in range(count)
    ]
    usage, timing = ClassifyUsage(1, 2, 3, 4), ClassifyTiming(1.0, 0.1, 1e-7)
    return ClassifyResponse(request_id="r", model="m", head="h", results=results, usage=usage, timing_ms=timing)


@pytest.mark.parametrize("count", [0, 1, 64, 65, 1000])
@pytest.mark.parametrize("label", ["plain", '"results":[]', '\\"results":[]', "é😀\n"])
async def test_in_pieces_it_is_the_same_bytes(count: int, label: str) -> None:
    answer = classes(count, label)
    answer.request_id = answer.model = label
    expected = TypeAdapter(ClassifyResponse).dump_json(answer, exclude_none=True)
    pieces = await JsonWriter(ClassifyResponse).write(answer)
    assert b"".join(pieces) == expected
    assert (len(pieces) > 1) == (count > 64)


async def test_vectors_and_short_answers() -> None:
    usage = EmbeddingsUsage(1, 1)
    long = EmbeddingsResponse([Embedding(one, [0.1, 1e-9] * 50) for one in range(300)], "m", usage)
    expected = TypeAdapter(EmbeddingsResponse).dump_json(long)
    assert b"".join(await JsonWriter(EmbeddingsResponse).write(long)) == expected
    assert await JsonWriter(FeedbackResponse).write(FeedbackResponse("r", 1, 0)) == [
        b'{"request_id":"r","accepted":1,"unknown":0}'
    ]


@dataclass
class Sent:
    start: dict[str, Any]
    parts: list[dict[str, Any]]


async def sent_of(pieces: list[bytes]) -> Sent:
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await JsonResponse(pieces, 200, {"X-Own": "1"})({}, None, send)  # type: ignore[arg-type]
    return Sent(messages[0], messages[1:])


@pytest.mark.parametrize("pieces", [[], [b""], [b"abc"], [b"a", b"b" * 300_000, b"c" * 10, b"d" * 600_000, b"e"]])
async def test_the_length_is_reported_and_long_ones_are_sent_in_parts(pieces: list[bytes]) -> None:
    sent, whole = await sent_of(pieces), b"".join(pieces)
    headers = dict(sent.start["headers"])
    assert headers[b"content-length"] == str(len(whole)).encode()
    assert headers[b"content-type"] == b"application/json"
    assert b"".join(part["body"] for part in sent.parts) == whole
    assert [part.get("more_body", False) for part in sent.parts] == [True] * (len(sent.parts) - 1) + [False]
    assert (len(sent.parts) > 1) == (len(whole) > 600_000)
