"""All peers, in the order of the table."""

from collections.abc import Sequence

from loadtests.peers.edge_rank import Encoder as StudentEncoder
from loadtests.peers.edge_rank import KnowingService, Recommender, Service
from loadtests.peers.flashrank import FlashRank
from loadtests.peers.infinity import Embed, Rerank, RerankOnnx
from loadtests.peers.model2vec import Model2Vec
from loadtests.peers.peer import Peer
from loadtests.peers.sentence_transformers import CrossEncoder, Encoder
from loadtests.peers.wordllama import WordLlama

PEERS: Sequence[Peer] = (
    Service(),
    KnowingService(),
    Recommender(),
    StudentEncoder(),
    Rerank(),
    RerankOnnx(),
    Embed(),
    FlashRank(),
    CrossEncoder(),
    Encoder(),
    Model2Vec(),
    WordLlama(),
)

SYSTEMS: Sequence[str] = tuple(dict.fromkeys(peer.label.system for peer in PEERS))
"""The values of `--only`."""
