"""Features of texts as the core reads them: `er_features` of `edge_rank.h`."""

import struct

from service.feature_store.features import Features


def block(features: Features) -> bytes:
    """The bytes of an item's features."""
    terms = features.terms
    header = struct.pack("<4B", features.windows, len(terms.idf), terms.repetition, 0)
    return header + features.codes + terms.hashes + terms.idf
