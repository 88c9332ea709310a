"""Publish an artifact with other tokenizer rules; its weights and its vocabulary stay."""

from pathlib import Path

from model_build.export.artifact import edited, seal, write_tokenizer
from service.artifact.artifact import Artifact, Manifest, TokenizerRules
from service.text.wordpiece import read_vocabulary


def retokenize(artifact: Artifact, version: int, destination: Path) -> Manifest:
    """Publish a copy of an artifact with another version of the tokenizer rules; it may replace the artifact itself.

    Some texts' vectors change, and with them the `encoder_revision`: heads must be fitted again.

    Raises:
        ArtifactError: the vocabulary is not what the manifest states.
        BudgetError: the device files take more than the budget.
    """
    old = artifact.manifest
    rules = TokenizerRules.model_validate({**old.tokenizer.model_dump(), "version": version})
    with edited(artifact, destination) as copy:
        write_tokenizer(list(read_vocabulary(artifact)), rules, old.model.max_length, copy)
        return seal(copy, old.model_copy(update={"tokenizer": rules}))
