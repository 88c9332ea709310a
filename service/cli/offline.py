"""Offline ranking, without a server."""

import time
import uuid
from collections.abc import Sequence

from service.admission.deadline import Deadline
from service.api.container import assemble
from service.api.schemas.rank import Candidate, RankOptions, RankRequest
from service.feature_store.items.item import Item
from service.metrics.registry import Metrics
from service.recommender.answer import RankResponse
from service.recommender.recommender import Recommender
from service.settings import Settings


def rank_request(
    query: str, items: Sequence[Item], *, with_texts: bool, top_n: int, explain: bool = False
) -> RankRequest:
    """Create a request to rank items for a query; without their texts, the service must have them stored.

    Bytes of the query that are not UTF-8, which a terminal may pass on, become question marks.
    """
    return RankRequest(
        query=query.encode("utf-8", "replace").decode(),
        candidates=[_candidate(item, with_text=with_texts) for item in items],
        options=RankOptions(top_n=top_n, explain=explain),
    )


def _candidate(item: Item, *, with_text: bool) -> Candidate:
    candidate = Candidate(id=item.id, category=item.category)
    if with_text:
        candidate["text"] = item.text
    return candidate


async def rank_locally(request: RankRequest, settings: Settings) -> RankResponse:
    """Answer a request in this process; nothing of it is stored.

    Raises:
        UserError: the model, or its weights, may not be served.
    """
    alone = settings.model_copy(update={"redis_url": None, "store": "memory", "impressions": None, "heads": None})
    async with assemble(alone, Metrics(), catalogue=()) as container:
        return await rank_with(container.models.current.recommender, request)


async def rank_with(recommender: Recommender, request: RankRequest) -> RankResponse:
    """Answer a request that did not come through the API; it has no deadline."""
    return await recommender.rank(
        request.query,
        request.candidates,
        request.user.history,
        request.options,
        request_id=uuid.uuid4().hex,
        arrived=time.perf_counter(),
        deadline=Deadline(),
    )
