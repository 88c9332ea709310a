"""Which texts train."""

from typing import Literal

from pydantic import Field

from model_build.recipe.base import Fraction, Positive, Section, Weight


class CorpusRecipe(Section):
    """Which texts train.

    Attributes:
        files: glob patterns below the data folder; `.txt` (a text a line) and `.tsv`, either also `.xz` or `.gz`.
        excluded: glob patterns of files whose texts must never train, such as a user's own evaluation sets: every line,
            or every cell and row of a table.
        tsv_columns: columns of a TSV file that hold its texts.
        tsv_texts: with `row`, a row's columns are one text, joined by ". ", and every file has all of them; with
            `cell`, each is a text of its own, and a file gives those that it has.
        texts_per_file: most texts that one file gives, drawn at random.
        weights: factors on `texts_per_file` by file name (without suffixes), with as many of its folders as tell it
            from others: `train`, `afqmc/train`.
        licences: the licence of a file by its name likewise, for the model card.
        query_share: share of texts from which a short query is drawn, for the ranking task.
        composition_share: compositions (see `corpus.compose`) made of the texts, as a share of their number.
        min_characters: shortest text that trains.
        max_characters: longest text that trains; a longer one is left out.
        heldout_texts: texts kept out of training, for validation.
    """

    added_since = ("excluded", "tsv_texts")

    files: tuple[str, ...] = Field(min_length=1)
    excluded: tuple[str, ...] = ()
    tsv_columns: tuple[str, ...] = ()
    tsv_texts: Literal["row", "cell"] = "row"
    texts_per_file: Positive = 40_000
    weights: dict[str, Weight] = Field(default_factory=dict)
    licences: dict[str, str] = Field(default_factory=dict)
    min_characters: Positive = 3
    max_characters: Positive = 400
    query_share: Fraction = 0.25
    composition_share: Fraction = 0.0
    heldout_texts: Positive = 2_000
