"""`[corpus]`: the training texts."""

from typing import Literal

from pydantic import Field

from model_build.recipe.base import Fraction, Positive, Section, Weight


class CorpusRecipe(Section):
    """The training texts.

    Attributes:
        files: glob patterns below the data folder; `.txt` (a text a line) and `.tsv`, either also `.xz` or `.gz`.
        excluded: glob patterns of files whose texts must never train, such as a user's own evaluation sets: every line,
            or every cell and row of a table.
        tsv_columns: columns of a TSV file that hold its texts.
        tsv_texts: with `row`, a row's columns are one text, joined by ". ", and every file has all of them; with
            `cell`, each is a text of its own, and a file may lack some.
        texts_per_file: most texts that one file gives, drawn at random.
        weights: factors on `texts_per_file` by file name (without suffixes), with as many parent folders as it takes
            to be unique: `train`, `afqmc/train`.
        licences: the licence of a file, named in the same way, for the model card.
        query_share: share of the texts from which a short query is drawn, for the ranking task.
        composition_share: composed texts (see `corpus.synthetic.compose`), as a share of the number of texts.
        min_characters: shortest text that trains.
        max_characters: longest text that trains; a longer one is left out.
        heldout_texts: texts kept out of training, for validation.
    """

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
