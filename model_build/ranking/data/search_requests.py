"""Queries with judged documents as requests to the service."""

from collections.abc import Sequence

import numpy as np

from model_build.evaluation.tasks.search import SearchProblem
from model_build.ranking.data.requests import JudgedRequest
from service.api.schemas.rank import Candidate


def search_requests(problem: SearchProblem, source: str) -> Sequence[JudgedRequest]:
    """Make a request for each query; a document's gain is 2^grade - 1, as in NDCG."""
    return [
        JudgedRequest(
            query=query.text,
            history=(),
            candidates=[Candidate(id=str(row), text=problem.documents[row]) for row in query.documents.tolist()],
            gains=np.exp2(query.grades) - 1.0,
            group=f"{source} {query.text}",
            source=source,
        )
        for query in problem.queries
    ]
