import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feature_store.items.record import (
    KEPT_ENCODERS,
    Record,
    encoder_key,
    pack_record,
    see,
    source_of,
    unpack_record,
)
from service.feature_store.items.store import completed, renewed
from tests.service.feature_store.test_codec import FEATURES

FIRST = Record.of("text", "food", "first", FEATURES)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def seen(packed: bytes, revision: str) -> object:
    found = see(packed, encoder_key(revision), 3)
    assert found is not None
    return found.read, found.features


@given(
    text=TEXTS,
    category=st.none() | TEXTS.filter(bool),
    made=st.dictionaries(st.binary(min_size=16, max_size=16), st.binary(max_size=40), max_size=3),
)
def test_what_is_packed_comes_back(text: str, category: str | None, made: dict[bytes, bytes]) -> None:
    record = Record(text, category, made)
    packed = pack_record(record)
    assert unpack_record(packed) == record
    assert source_of(packed) == record.source


@given(packed=st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(packed: bytes) -> None:
    see(packed, encoder_key("first"), 3)
    unpack_record(packed)
    source_of(packed)


@pytest.mark.parametrize(
    "packed",
    [b"", pack_record(FIRST)[:-1], pack_record(FIRST) + b"x", b"\x09" + pack_record(FIRST)[1:]],
    ids=["empty", "short", "long", "version"],
)
def test_what_is_no_record_is_refused(packed: bytes) -> None:
    assert see(packed, encoder_key("first"), 3) is None
    assert unpack_record(packed) is None


def test_half_a_text_is_none() -> None:
    packed = pack_record(FIRST)
    assert unpack_record(packed[:-1] + b"\xff") is None


def test_an_encoder_sees_its_own_features_alone() -> None:
    packed = pack_record(FIRST)
    assert seen(packed, "first") == (True, FEATURES)
    assert seen(packed, "second") == (False, None)
    assert seen(pack_record(Record.of("обувь", None, "first", None)), "first") == (True, None)


def test_features_that_can_not_be_read_are_none() -> None:
    assert seen(pack_record(Record("text", None, {encoder_key("first"): b"x"})), "first") == (False, None)


def test_a_source_is_of_text_and_category() -> None:
    sources = {Record(text, category).source for text in ("a", "b") for category in (None, "a", "b")}
    assert len(sources) == 6


def test_of_the_same_the_latest_encoders_are_kept() -> None:
    held = None
    later = [f"later {number}" for number in range(KEPT_ENCODERS - 1)]
    for revision in ("first", "second", *later, "second"):
        held = renewed(Record.of("text", "food", revision, FEATURES), held)
    assert held is not None
    record = unpack_record(held)
    assert record is not None
    assert list(record.made) == [encoder_key(one) for one in ("second", *reversed(later))]


def test_what_is_said_anew_leaves_nothing_of_before() -> None:
    for other in (Record.of("another", "food", "second", FEATURES), Record.of("text", None, "second", FEATURES)):
        held = renewed(other, pack_record(FIRST))
        assert seen(held, "first") == (False, None)


def test_features_are_added_to_what_they_are_of_alone() -> None:
    second = Record.of("text", "food", "second", FEATURES)
    both = completed(second, pack_record(FIRST))
    assert both is not None
    assert seen(both, "first") == seen(both, "second") == (True, FEATURES)
    assert completed(second, pack_record(Record.of("another", "food", "first", FEATURES))) is None
    assert completed(second, None) is None
    assert completed(second, b"garbage") is None


def test_a_source_says_where_the_category_ends() -> None:
    assert Record("b\0c", "a").source != Record("c", "a\0b").source
    assert Record("b", "").source == Record("b").source
