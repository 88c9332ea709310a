import re

from service.impressions.keys import item_keys, request_key


def test_keys_are_what_anybody_computes_who_knows_the_ids() -> None:
    # b2sum -l 128 tells the first; hashlib.blake2b(b"bill-split", key=b"r-17", digest_size=8) the second.
    assert request_key("r-17") == "bec71457ab37ce7e8ad7881a7b2b377e"
    assert item_keys("r-17")("bill-split") == "900babc9f44417ba"


def test_an_item_has_another_key_in_each_request() -> None:
    assert item_keys("r-17")("bill-split") != item_keys("r-18")("bill-split")
    assert item_keys("r-17")("bill-split") == item_keys("r-17")("bill-split")
    assert item_keys("r-17")("bill-split") != item_keys("r-17")("taxi")


def test_long_request_ids_are_keys_too_and_all_of_them_counts() -> None:
    keys = {item_keys(one)("taxi") for one in ("r" * 64, "r" * 65, "r" * 128, "r" * 127 + "s")}
    assert len(keys) == 4
    assert all(re.fullmatch("[0-9a-f]{16}", key) for key in keys)
