"""The bundled model's answers to small requests: texts as shops and their customers write them."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio

from tests.service.apps import RunningApp, running_bundled

pytestmark = pytest.mark.asyncio(loop_scope="module")

STUFFED = "Espresso machine espresso machine espresso machine " * 12 + "garden hose"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bundled() -> AsyncIterator[RunningApp]:
    async with running_bundled() as app:
        yield app


async def ranked(
    service: RunningApp, query: str | None, texts: Sequence[str], **options: Any
) -> list[tuple[str, dict[str, Any]]]:
    """Texts in their order, each with its result."""
    sent = [{"id": hashlib.sha256(text.encode()).hexdigest(), "text": text} for text in texts]
    answer = await service.rank(query=query, candidates=sent, options=options)
    return [(texts[one["index"]], one) for one in answer["results"]]


async def best(service: RunningApp, query: str, texts: Sequence[str], **options: Any) -> str:
    """The first, whichever way round they came."""
    firsts = {(await ranked(service, query, order, **options))[0][0] for order in (texts, texts[::-1])}
    (first,) = firsts
    return first


@pytest.mark.parametrize(
    ("query", "expected", "other"),
    [
        ("pizza", "🍕Pizza night", "Pasta dinner"),
        ("lego", "LEGO® City police station", "Toy bricks for children"),
        ("lego", "LEGO™ City", "Toy bricks for children"),
        ("iphone 15", "ｉＰｈｏｎｅ　１５", "Android phone"),  # noqa: RUF001 (it is what is tested)
        ("5½ inch", "5½ inch disc", "51 2 inch pipe"),
        ("kettle 2kg", "Kettle, 2 ㎏", "Kettle, 5 litres"),
        ("coffee", "Office coffee", "O\N{LATIN SMALL LIGATURE FFI}ce chair"),
        ("office chair", "O\N{LATIN SMALL LIGATURE FFI}ce chair", "Garden chair"),
    ],
)
async def test_symbols_and_other_forms_leave_words_whole(
    bundled: RunningApp, query: str, expected: str, other: str
) -> None:
    assert await best(bundled, query, [other, expected]) == expected


@pytest.mark.parametrize(
    ("query", "expected", "other"),
    [("C++ course", "Course in C++", "Course in C"), ("C# course", "Course in C#", "Course in C")],
)
async def test_symbols_that_tell_things_apart_count(bundled: RunningApp, query: str, expected: str, other: str) -> None:
    assert await best(bundled, query, [other, expected]) == expected


async def test_an_amount_is_found_where_its_sign_stands_before_it(bundled: RunningApp) -> None:
    texts = ["Amazon voucher £50", "£20 voucher for Amazon, sent by e-mail to a friend"]
    for ranker in ("fused", "lexical"):
        assert "20" in await best(bundled, "£20 amazon voucher", texts, ranker=ranker)


@pytest.mark.parametrize(
    ("query", "expected", "other"),
    [
        ("tshirt", "T-shirt, white", "Polo shirt"),
        ("t-shirt", "Tshirt", "Polo shirt, white"),
        ("wi-fi", "WiFi extender", "Hi-Fi speaker"),
        ("h&m", "H&M gift card", "M&S gift card"),
        ("hm", "H&amp;M gift card", "M&amp;S gift card"),
        ("1000 pieces", "Puzzle of 1,000 pieces", "Puzzle of 500 pieces"),
    ],
)
async def test_compounds_match_however_they_are_spelt(
    bundled: RunningApp, query: str, expected: str, other: str
) -> None:
    assert await best(bundled, query, [other, expected]) == expected


async def test_entities_are_no_words(bundled: RunningApp) -> None:
    texts = ["Guitar amplifier, 20 W", "Bass amp", "Guitar strings &amp; picks"]
    assert await best(bundled, "guitar amp", texts) != "Guitar strings &amp; picks"


async def test_stuffing_a_text_with_the_words_that_are_asked_for_does_not_help(bundled: RunningApp) -> None:
    plain = "Espresso machine with milk frother"
    assert await best(bundled, "espresso machine", [STUFFED, plain]) == plain


@pytest.mark.parametrize("text", ["обувь", "แบ่งบิลค่าอาหารเย็น", "😀👍🏽", "東京"])
async def test_what_can_not_be_read_comes_behind_what_answers(bundled: RunningApp, text: str) -> None:
    results = await ranked(bundled, "taxi ride", [text, "Order a taxi ride"])
    assert [one["status"] for _, one in results] == ["ok", "unreadable"]
    assert results[0][0] == "Order a taxi ride"


async def test_what_can_not_be_read_is_reported_and_not_remembered(bundled: RunningApp) -> None:
    body = {"query": "taxi", "candidates": [{"id": "shoes", "text": "обувь"}, {"id": "cab", "text": "Order a taxi"}]}
    for _ in range(2):
        answer = await bundled.rank(**body)
        assert {one["id"]: one["status"] for one in answer["results"]} == {"cab": "ok", "shoes": "unreadable"}
        assert answer["usage"]["unreadable_texts"] == 1
        assert answer["usage"]["missing_items"] == 1
    (alone,) = (await bundled.rank(candidates=[{"id": "shoes"}]))["results"]
    assert alone["status"] == "missing"


@pytest.mark.parametrize("query", ["Привет", "😀", "แบ่งบิล"])
async def test_a_query_that_can_not_be_read_is_none(bundled: RunningApp, query: str) -> None:
    texts = ["hello", "обувь", "taxi"]
    without, answer = await ranked(bundled, None, texts), await ranked(bundled, query, texts)
    assert answer == without


async def test_events_that_can_not_be_read_say_nothing(bundled: RunningApp) -> None:
    texts = [{"id": "hello", "text": "hello"}, {"id": "cab", "text": "Order a taxi"}]
    without = await bundled.rank(candidates=texts)
    answer = await bundled.rank(candidates=texts, user={"history": [{"text": "такси", "action": "click"}]})
    assert answer["results"] == without["results"]
    assert (answer["usage"]["known_events"], answer["usage"]["unreadable_texts"]) == (0, 1)


async def test_words_late_in_a_long_text_are_found(bundled: RunningApp) -> None:
    noise = (
        "SALE! Free shipping on all orders over 50 dollars, brand new, sealed in original box, fast dispatch, "
        "30 day returns, best price, top rated seller. "
    )
    other = "Twelve glasses for guests, dishwasher safe, in a gift box with ribbon, sent the day you order. "
    texts = [noise + other + "Espresso machine.", noise + other + "Garden hose."]
    assert await best(bundled, "espresso machine", texts) == texts[0]
