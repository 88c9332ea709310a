"""Texts for the model."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, rate, share


def panels() -> Sequence[timeseries.Panel]:
    """Truncated and unreadable texts."""
    texts, tokens = rate("edge_rank_encoded_texts_total"), rate("edge_rank_encoded_tokens_total")
    return [
        lines(
            "Cut texts",
            "Share of texts that are longer than the model reads.",
            [Query(share(rate("edge_rank_truncated_texts_total"), texts), "cut")],
            unit="percentunit",
        ),
        lines(
            "Unknown words",
            "Share of tokens that stand for words which the vocabulary has no pieces for: another script, say.",
            [Query(share(rate("edge_rank_unknown_pieces_total"), tokens), "unknown")],
            unit="percentunit",
        ),
        lines("Length of texts", "Mean tokens of a text that was read.", [Query(share(tokens, texts), "tokens")]),
    ]
