"""Which texts train."""

from pydantic import Field

from model_build.recipe.section import Fraction, Positive, Section, Weight


class CorpusRecipe(Section):
    """Which texts train.

    Attributes:
        files: glob patterns below the data folder; `.txt` (a text a line) and `.tsv`, either also `.xz` or `.gz`.
        tsv_columns: columns of a TSV file that make its text, joined by ". ".
        texts_per_file: most texts that one file gives, drawn at random.
        weights: factors on `texts_per_file` by file name (without suffixes).
        licences: the licence of a file by its name (without suffixes), for the model card.
        query_share: share of texts from which a short query is drawn, for the ranking task.
        composition_share: compositions (see `corpus.compose`) made of the texts, as a share of their number.
        heldout_texts: texts kept out of training, for validation.
    """

    files: tuple[str, ...] = Field(min_length=1)
    tsv_columns: tuple[str, ...] = ()
    texts_per_file: Positive = 40_000
    weights: dict[str, Weight] = Field(default_factory=dict)
    licences: dict[str, str] = Field(default_factory=dict)
    min_characters: Positive = 3
    max_characters: Positive = 400
    query_share: Fraction = 0.25
    composition_share: Fraction = 0.0
    heldout_texts: Positive = 2_000
