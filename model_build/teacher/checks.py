"""What a teacher must be: an encoder of the BERT family, whose vocabulary of WordPieces can be pruned.

A folder says most of it before anything is loaded; what only the loaded model tells is looked at afterwards.
"""

import json
from collections.abc import Collection
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from model_build.common.errors import TeacherError
from model_build.common.special_tokens import MARKS

CONFIG, TOKENIZER, PIECES = "config.json", "tokenizer.json", "vocab.txt"
NEEDED = "needed is an encoder of the BERT family (bert, distilbert, electra) with a WordPiece vocabulary"
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
_POINTER = b"version https://git-lfs"
_POOLER = "pooler."  # its weights are of no use here, and many sentence encoders have none
_WORDPIECE = "WordPiece"
_TOKENIZERS = {"BPE": "BPE", "Unigram": "SentencePiece (Unigram)", "WordLevel": "word-level"}


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds another family's model, or not all of one.

    Raises:
        TeacherError: it does.
    """
    config = _read(folder / CONFIG)
    if config is None:
        names = ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "nothing"
        raise TeacherError(f"the teacher folder {folder} has no {CONFIG}; it holds {names}")
    found = _tokenizer_of(folder)
    if found is None:
        raise TeacherError(f"the teacher folder {folder} has no tokenizer ({TOKENIZER} or {PIECES})")
    if found != _WORDPIECE:
        raise TeacherError(f"the teacher {folder} is a {_family(config)} model with a {found} tokenizer; {NEEDED}")
    weights = [folder / name for name in _WEIGHTS if (folder / name).is_file()]
    if not weights:
        raise TeacherError(f"the teacher folder {folder} has no weights (model.safetensors)")
    with weights[0].open("rb") as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise TeacherError(f"{weights[0]} is a pointer of Git LFS, not the weights; fetch them with: git lfs pull")


def check_loaded(
    encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, missing: Collection[str], asked: str
) -> None:
    """Refuse a loaded model that is of another family, or whose parts do not belong together.

    Args:
        encoder: the model.
        tokenizer: its tokenizer.
        missing: names of weights that the file with the weights lacks, and that are random therefore.
        asked: what the teacher was asked for by.

    Raises:
        TeacherError: it is.
    """
    pieces = tokenizer.get_vocab()
    family = encoder.config.model_type
    if not any(piece.startswith("##") for piece in pieces):
        raise TeacherError(f"the teacher {asked} is a {family} model without a WordPiece vocabulary; {NEEDED}")
    config = encoder.config
    if not hasattr(encoder, "embeddings") or config.is_encoder_decoder or getattr(config, "is_decoder", False):
        raise TeacherError(f"the teacher {asked} is a {family} model, not an encoder of BERT's kind; {NEEDED}")
    absent = [mark for mark in MARKS if mark not in pieces]
    if absent:
        raise TeacherError(f"the teacher {asked} is a {family} model whose vocabulary has no {absent[0]}; {NEEDED}")
    lacking = sorted(name for name in missing if not name.startswith(_POOLER))
    if lacking:
        others = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise TeacherError(
            f"the teacher {asked}: the weights lack {lacking[0]}{others}; they are not of the model of its {CONFIG}"
        )
    rows = encoder.get_input_embeddings().get_parameter("weight").shape[0]
    held = max(pieces.values()) + 1
    if held > rows:
        raise TeacherError(
            f"the teacher {asked}: the tokenizer has {held:,} pieces, but the weights have {rows:,}; "
            "they are of different models"
        )


def _family(config: dict[str, object]) -> str:
    return str(config.get("model_type") or "nameless")


def _tokenizer_of(folder: Path) -> str | None:
    """The kind of a folder's tokenizer, in words, or None where it has none."""
    whole = _read(folder / TOKENIZER)
    if whole is not None:
        model = whole.get("model")
        kind = str(model.get("type", _WORDPIECE)) if isinstance(model, dict) else _WORDPIECE
        return _TOKENIZERS.get(kind, kind)
    if (folder / PIECES).is_file():
        return _WORDPIECE
    if (folder / "merges.txt").is_file():
        return _TOKENIZERS["BPE"]
    return "SentencePiece" if any(folder.glob("*.model")) else None


def _read(path: Path) -> dict[str, object] | None:
    """A JSON file's object, or None where there is no file.

    Raises:
        TeacherError: it holds something else.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise TeacherError(f"{path} is not JSON") from None
    if not isinstance(value, dict):
        raise TeacherError(f"{path} holds no JSON object")
    return value
