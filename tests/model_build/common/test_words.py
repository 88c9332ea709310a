import pytest

from model_build.common.words import compared_words, count_words, has_cjk, split_words


def test_a_cjk_character_is_a_word() -> None:
    assert split_words("花呗VIP 2还款, ok_1") == ["花", "呗", "VIP", "2", "还", "款", "ok_1"]
    assert not has_cjk("VIP, café")
    assert has_cjk("VIP款")


@pytest.mark.parametrize(
    ("text", "words"), [("", 0), ("two words", 2), ("花呗", 1), ("花呗还", 2), ("iPhone 手机壳 13", 4)]
)
def test_a_chinese_word_has_about_two_characters(text: str, words: int) -> None:
    assert count_words(text) == words


def test_words_are_compared_whatever_their_order() -> None:
    assert compared_words("b a, b") == {"a", "b"}
    assert compared_words("借呗 怎么还?") == compared_words("借呗怎么还")
    assert compared_words("怎么还,借呗") == compared_words("借呗。怎么还")
    assert compared_words("花") == {"花"}


def test_characters_in_another_order_are_another_text() -> None:
    assert compared_words("借呗转花呗") != compared_words("花呗转借呗")
