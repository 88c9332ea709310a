import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.encoder.terms import Terms
from service.features.base import DIGEST_BYTES, Features
from service.features.codec import pack, unpack

TERMS = Terms(b"\x01\x02\x03\x04", b"\x05\x06")
FEATURES = Features.of(np.array([0.6, -0.8, 0.0], dtype=np.float32), "text", TERMS, "food")


@given(
    codes=st.lists(st.integers(-127, 127), min_size=1, max_size=300).filter(any),
    digest=st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES),
    rarities=st.binary(max_size=255),
    category=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64),
)
def test_what_is_packed_comes_back(codes: list[int], digest: bytes, rarities: bytes, category: str | None) -> None:
    terms = Terms(rarities * 2, rarities)
    features = Features(np.array(codes, dtype=np.int8).tobytes(), digest, terms, category)
    assert unpack(pack(features), len(codes)) == features


@given(packed=st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(packed: bytes) -> None:
    unpack(packed, 3)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        pack(FEATURES)[:-1],
        pack(FEATURES) + b"x",
        b"\x01" + pack(FEATURES)[1:],
        pack(FEATURES)[:-4] + b"\xff" * 4,
        pack(Features(bytes(3), FEATURES.text_digest)),
        pack(Features.of(np.ones(4, dtype=np.float32), "text")),
    ],
    ids=["empty", "short", "long", "version", "category", "zero", "dimension"],
)
def test_what_is_not_such_features_is_refused(packed: bytes) -> None:
    assert unpack(packed, 3) is None
