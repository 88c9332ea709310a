from pathlib import Path

from tokenizers import Tokenizer

from model_build.export.retokenize import retokenize
from service.artifact.artifact import load_artifact
from service.text.wordpiece import WordPieceTokenizer
from tests.service.artifacts import MAX_LENGTH, build_artifact


def test_another_version_of_the_rules_is_published_with_the_same_weights(tmp_path: Path) -> None:
    new = build_artifact(tmp_path / "model")
    made = retokenize(new, 1, tmp_path / "old")
    old = load_artifact(tmp_path / "old")
    assert old.manifest == made
    assert (old.manifest.tokenizer.version, new.manifest.tokenizer.version) == (1, 2)
    assert old.manifest.encoder_revision != new.manifest.encoder_revision
    assert old.model_path.read_bytes() == new.model_path.read_bytes()

    text = "split\u2122 bill"
    of_old, of_new = (list(WordPieceTokenizer(one).encode([text])[0].words) for one in (old, new))
    assert of_old != of_new
    stock = Tokenizer.from_file(str(tmp_path / "old" / "tokenizer.json"))
    assert stock.encode(text, add_special_tokens=False).ids == of_old
    assert len(stock.encode("bill " * 100).ids) == MAX_LENGTH

    again = retokenize(old, 2, tmp_path / "again")
    assert again.encoder_revision == new.manifest.encoder_revision
