from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feature_store.codec import pack, unpack
from service.feature_store.features import DIGEST_BYTES, Features
from service.text.terms import Compound, Terms

TERMS = Terms(b"\x01\x02\x03\x04", b"\x05\x06", repetition=7)
WINDOWS = np.array([[0.6, -0.8, 0.0], [0.0, 0.0, 1.0]], dtype=np.float32)
FEATURES = Features.of(WINDOWS, "text", TERMS, "food")
WINDOWS_AT = 3  # in the header


def windows_of(dimension: int) -> st.SearchStrategy[list[bytes]]:
    """Codes of windows; -128 is none, and no window has only zeros."""
    codes = st.binary(min_size=dimension, max_size=dimension).map(lambda found: found.replace(b"\x80", b"\x81"))
    return st.lists(codes.filter(any), min_size=1, max_size=8)


@given(
    windows=st.integers(1, 300).flatmap(windows_of),
    digest=st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES),
    idf=st.binary(max_size=255),
    repetition=st.integers(0, 255),
    category=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64),
)
def test_what_is_packed_comes_back(
    windows: list[bytes], digest: bytes, idf: bytes, repetition: int, category: str | None
) -> None:
    terms = Terms(idf * 2, idf, repetition)
    features = Features(b"".join(windows), digest, terms, category, len(windows))
    assert unpack(pack(features), len(windows[0])) == features


def test_the_bytes_are_the_documented_ones() -> None:
    header = bytes([3, 0, 3, 2, 0, 4, 2, 7]) + FEATURES.text_digest
    codes = np.array([95, -127, 0, 0, 0, 127], dtype=np.int8).tobytes()
    assert pack(FEATURES) == header + codes + TERMS.hashes + TERMS.idf + b"food"


def test_compounds_are_a_query_s_alone() -> None:
    joined = Terms(TERMS.hashes, TERMS.idf, compounds=(Compound(1, (2, 3)),))
    assert unpack(pack(Features.of(WINDOWS, "text", joined)), 3) == Features.of(
        WINDOWS, "text", replace(TERMS, repetition=0)
    )


@given(packed=st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(packed: bytes) -> None:
    unpack(packed, 3)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        pack(FEATURES)[:-1],
        pack(FEATURES) + b"x",
        b"\x02" + pack(FEATURES)[1:],
        pack(FEATURES)[:-4] + b"\xff" * 4,
        pack(Features(bytes(3), FEATURES.text_digest)),
        pack(Features(b"\x01\x02\x03" + bytes(3), FEATURES.text_digest, windows=2)),
        pack(Features.of(np.ones((1, 4), dtype=np.float32), "text")),
        pack(FEATURES)[:WINDOWS_AT] + b"\x00" + pack(FEATURES)[WINDOWS_AT + 1 :],
        pack(FEATURES)[:WINDOWS_AT] + b"\x01" + pack(FEATURES)[WINDOWS_AT + 1 :],
    ],
    ids=["empty", "short", "long", "version", "category", "zero", "zero window", "dimension", "no window", "windows"],
)
def test_what_is_not_such_features_is_refused(packed: bytes) -> None:
    assert unpack(packed, 3) is None
