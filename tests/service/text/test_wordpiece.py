from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from service.artifact.artifact import Artifact, load_artifact
from service.settings import BUNDLED_MODEL
from service.text.cleaning import MAX_CHARACTERS, clean
from service.text.windows import MOST_WINDOWS, capacity, without_repetition
from service.text.wordpiece import UNKNOWN, WordPieceTokenizer, build_tokenizer, read_vocabulary
from tests.web.texts import odd_texts

BUNDLED = load_artifact(BUNDLED_MODEL)
PIECES = list(read_vocabulary(BUNDLED))
ROOM = BUNDLED.manifest.model.max_length - 2
TOKENIZER = WordPieceTokenizer(BUNDLED)
MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")  # `tokenizers` takes those of a text for the model's own

RULES_BEFORE = BUNDLED.manifest.tokenizer.model_copy(update={"version": 1})
FIRST_VERSION = WordPieceTokenizer(
    Artifact(BUNDLED.folder, BUNDLED.manifest.model_copy(update={"tokenizer": RULES_BEFORE}))
)


def pieces(text: str) -> list[str]:
    return [PIECES[one] for one in TOKENIZER.encode([text])[0].words]


def words(text: str) -> list[str]:
    """The pieces of each word, put together."""
    return " ".join(pieces(text)).replace(" ##", "").split()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("🍕Pizza night", "pizza night"),
        ("Pizza🍕night", "pizza night"),
        ("LEGO® City", "lego ® city"),
        ("LEGO™ City", "lego tm city"),
        ("£20 voucher", "£ 20 voucher"),
        ("20€", "20 €"),
        ("5½ inch disc", "5 1 2 inch disc"),
        ("1½", "1 1 2"),
        ("①②③ 1①", "1 2 3 1 1"),
        ("㎏ 5㎏", "kg 5 kg"),
        ("№5", "no 5"),
        ("ｉＰｈｏｎｅ\u3000１５", "iphone 15"),  # noqa: RUF001 (it is what is tested)
        ("ﬁne ﬂour oﬃce", "fine flour office"),
        ("10² x²", "10 2 x2"),
        ("20°C 20℃", "20 ° c 20 ° c"),
        ("taxi\x0bride\x0ctrain\x85bill\x00phone\u200bpay", "taxi ride train bill phone pay"),
        ("C++ course", "c + + course"),
        ("C# course", "c # course"),
        ("naïve Ångström", "naive angstrom"),
        ("Guitar strings &amp; picks", "guitar strings & picks"),
        ("🅰️ ❤️ plan", "plan"),
        ("日本 taxi", "[UNK] [UNK] taxi"),
    ],
)
def test_symbols_leave_words_whole(text: str, read: str) -> None:
    assert words(text) == read.split()


def test_a_fraction_does_not_grow_onto_its_number() -> None:
    assert words("5½ inch")[:1] != words("51 2 inch")[:1]


@pytest.mark.parametrize("text", ["", " ", "Привет", "обувь", "แบ่งบิล", "😀👍🏽", "\x00", "東京", "\u200b"])
def test_of_some_texts_the_vocabulary_knows_nothing(text: str) -> None:
    (read,) = TOKENIZER.encode([text])
    assert not read.readable
    assert not read.truncated
    assert TOKENIZER.terms([read])[0].idf == b""


def test_one_known_piece_makes_a_text_readable() -> None:
    (read,) = TOKENIZER.encode(["Привет taxi"])
    assert read.readable


def test_marks_in_a_text_are_the_characters_they_are() -> None:
    assert words("[SEP] [PAD]") == ["[", "sep", "]", "[", "pad", "]"]


def test_windows_have_the_marks_and_words_have_none() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    (read,) = TOKENIZER.encode([text])
    start, end = (PIECES.index(mark) for mark in ("[CLS]", "[SEP]"))
    assert len(read.windows) > 1
    for window in read.windows:
        assert (window[0], window[-1]) == (start, end)
        assert len(window) <= ROOM + 2
        assert not {start, end} & set(window[1:-1])
    assert set(read.words) == {one for window in read.windows for one in window[1:-1]}


def test_what_follows_the_last_window_is_cut() -> None:
    known = [piece for piece in PIECES if piece.isascii() and piece.isalpha()]
    text = " ".join(known[: capacity(ROOM, MOST_WINDOWS)])
    whole, more = TOKENIZER.encode([text, text + " taxi"])
    assert len(whole.windows) == len(more.windows) == MOST_WINDOWS
    assert (whole.truncated, more.truncated) == (False, True)
    assert more.words == whole.words


def test_what_is_beyond_all_characters_is_cut() -> None:
    read = TOKENIZER.encode(["a " * (MAX_CHARACTERS // 2), "a " * MAX_CHARACTERS])
    assert [one.truncated for one in read] == [False, True]


def agree(texts: Sequence[str]) -> None:
    """Check that the service's tokens are those of the artifact's own file, but for windows and repetition."""
    stored = Tokenizer.from_file(str(BUNDLED_MODEL / "tokenizer.json"))
    stored.no_truncation()
    theirs = stored.encode_batch([clean(text) for text in texts], add_special_tokens=False)
    for text, their, ours in zip(texts, theirs, TOKENIZER.encode(texts), strict=True):
        assert list(without_repetition(their.ids, TOKENIZER.unknown_id))[: capacity(ROOM, MOST_WINDOWS)] == list(
            ours.words
        ), repr(text)


def test_tokenizer_json_splits_odd_texts_as_the_service_does() -> None:
    agree([text for text in odd_texts(3000, seed=1) if not any(mark in text for mark in MARKS)])


@given(st.lists(st.text(st.characters(codec=None), max_size=60), max_size=5))
def test_tokenizer_json_splits_any_text_as_the_service_does(texts: list[str]) -> None:
    agree([text for text in texts if not any(mark in text for mark in MARKS)])


def test_the_first_version_is_bert_s_own() -> None:
    built = build_tokenizer(read_vocabulary(BUNDLED), RULES_BEFORE)
    assert isinstance(built.normalizer, BertNormalizer)
    assert isinstance(built.pre_tokenizer, BertPreTokenizer)
    (glued,) = FIRST_VERSION.encode(["🍕Pizza night"])
    assert [PIECES[one] for one in glued.words] == [UNKNOWN, "night"]


@given(st.lists(st.text(st.characters(codec="ascii"), max_size=80), max_size=5))
def test_versions_agree_on_ascii(texts: list[str]) -> None:
    assert FIRST_VERSION.encode(texts) == TOKENIZER.encode(texts)


def test_a_text_is_split_the_same_whatever_its_company() -> None:
    texts = odd_texts(300, seed=2)
    together = TOKENIZER.encode(texts)
    assert together == [TOKENIZER.encode([text])[0] for text in texts]
