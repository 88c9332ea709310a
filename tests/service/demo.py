"""The bundled model on the demo catalogue, asked without a service: for tests that ask thousands of questions."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from service.api.schemas.rank import Candidate
from service.feature_store.features import Features
from service.feature_store.items.catalogue import read_catalogue
from service.models.model import Model, load_model
from service.ranking.candidates import Candidates, Query
from service.ranking.scorer import score
from service.ranking.signals import compute_signals
from service.ranking.slate import SlateOptions, build_slate
from service.recommender.feature_assembly import assemble_candidates
from service.settings import BUNDLED_MODEL, DEMO_CATALOGUE


class Demo:
    """Ranks the whole catalogue."""

    @cached_property
    def items(self) -> Sequence[str]:
        """The items' texts."""
        return [one.text for one in read_catalogue(DEMO_CATALOGUE)]

    @cached_property
    def _model(self) -> Model:
        return load_model(BUNDLED_MODEL, run_tokens=4096, on_run=lambda _: None)

    @cached_property
    def _features(self) -> Sequence[Features]:
        return self._embedded(self.items)

    @cached_property
    def _seen(self) -> Candidates:
        return self._candidates(self._features)

    def orders(self, queries: Sequence[str], changed: Mapping[int, str] | None = None) -> list[list[int]]:
        """For each query, the places of all items, the best first.

        Args:
            queries: readable ones.
            changed: texts that items have instead of theirs, by place.
        """
        seen = self._seen
        if changed:
            features = list(self._features)
            for place, one in zip(changed, self._embedded(list(changed.values())), strict=True):
                features[place] = one
            seen = self._candidates(features)
        encoding = self._model.encoder.encode(queries)
        assert encoding.readable.all()
        weights = self._model.weights.of("fused", "search")
        orders = []
        for vector, terms in zip(encoding.vectors, encoding.terms, strict=True):
            totals = score(compute_signals(seen, Query(vector, terms), []), weights).totals
            orders.append(build_slate(totals, seen, SlateOptions()))
        return orders

    def _embedded(self, texts: Sequence[str]) -> list[Features]:
        encoding = self._model.encoder.encode(texts)
        parts = zip(encoding.windows, texts, encoding.terms, strict=True)
        return [Features.of(windows, text, terms) for windows, text, terms in parts]

    def _candidates(self, features: Sequence[Features]) -> Candidates:
        sent = [Candidate(id=str(place)) for place in range(len(features))]
        return assemble_candidates(sent, features, [False] * len(features), self._model.encoder.dimension)
