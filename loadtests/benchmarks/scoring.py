"""`python -m loadtests.benchmarks.scoring`: the cost of ranking without embedding: signals, scores and order.

Requests have a query, a history of 20 events and 100 candidates with texts of the demo catalogue, categories, scores
and backend features; everything is embedded before the clock starts.
"""

import itertools
import statistics
import time
from collections.abc import Callable
from functools import partial

from rich.console import Console
from rich.table import Table

from service.api.schemas.rank import Candidate, HistoryEvent
from service.feature_store.features import Features
from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.items.item import Item
from service.models.model import Model, load_model
from service.ranking.candidates import Candidates, Event, Query
from service.ranking.explanation import explain
from service.ranking.scorer import score
from service.ranking.signals import compute_signals
from service.ranking.slate import SlateOptions, build_slate
from service.recommender.feature_assembly import assemble_candidates, assemble_events
from service.settings import DEMO_CATALOGUE, Settings

CANDIDATES, EVENTS, ROUNDS = (10, 100, 1000), 20, 400


class Scoring:
    """The ranking of a request, ready to be timed."""

    def __init__(self, model: Model, items: list[Item], count: int) -> None:
        self._model = model
        chosen = list(itertools.islice(itertools.cycle(items), count + EVENTS))
        encoding = model.encoder.encode([one.text for one in chosen])
        self._features = [
            Features.of(windows, one.text, terms, one.category)
            for one, windows, terms in zip(chosen, encoding.windows, encoding.terms, strict=True)
        ]
        self._sent = [
            Candidate(id=str(place), score=place / count, features={"popularity": place % 97, "age_s": 3600.0 * place})
            for place in range(count)
        ]
        self._history = [HistoryEvent(item_id=f"h{place}", action="click") for place in range(EVENTS)]
        query = model.encoder.encode(["split a dinner bill with friends"])
        self._query = Query(query.vectors[0], query.terms[0])

    def unpack(self) -> tuple[Candidates, list[Event]]:
        """Turn stored features into columns."""
        count = len(self._sent)
        seen = assemble_candidates(self._sent, self._features[:count], [False] * count, self._model.encoder.dimension)
        return seen, assemble_events(self._history, self._features[count:])

    def rank(self, seen: Candidates, events: list[Event], *, explained: bool = False) -> None:
        """Turn columns into an order with explanations."""
        weights = self._model.weights.of("fused", "both")
        scores = score(compute_signals(seen, self._query, events), weights)
        order = build_slate(scores.totals, seen, SlateOptions())
        if explained:
            explain(scores, weights, order)


def main() -> None:
    """Measure, and print a table."""
    settings = Settings()
    model = load_model(settings.model, run_tokens=settings.run_tokens, on_run=lambda _: None)
    items = read_catalogue(DEMO_CATALOGUE)
    table = Table("candidates", "unpack, ms", "rank, ms", "rank and explain, ms", "embed, ms", "rank / embed")
    for count in CANDIDATES:
        scoring = Scoring(model, items, count)
        texts = [one.text for one in itertools.islice(itertools.cycle(items), count)]
        seen, events = scoring.unpack()
        unpacking = _median_ms(scoring.unpack)
        ranking = _median_ms(partial(scoring.rank, seen, events))
        explaining = _median_ms(partial(scoring.rank, seen, events, explained=True))
        embedding = _median_ms(partial(model.encoder.encode, texts), rounds=5)
        times = unpacking, ranking, explaining, embedding
        table.add_row(f"{count:,}", *(f"{one:.3f}" for one in times), f"{ranking / embedding:.4f}")
    Console(width=100).print(table)


def _median_ms(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
