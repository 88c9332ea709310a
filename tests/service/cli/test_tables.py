from rich.console import Console

from service.cli.tables import ranking_table
from service.feature_store.items.item import Item
from service.ranking.explanation import SignalContribution
from service.recommender.answer import RankResponse, RankResult, RankTiming, RankUsage

ITEMS = [
    Item("a", "Split [bold]bill", "split", "money"),
    Item("b", "Taxi", "taxi", None),
    Item("c", "обувь", "обувь", None),
]


def printed(results: list[RankResult]) -> str:
    response = RankResponse(
        request_id="r",
        model="tiny@1",
        ranker="fused",
        results=results,
        degraded=[],
        usage=RankUsage(
            tokens=0,
            encoded_texts=0,
            cached_items=0,
            missing_items=0,
            truncated_texts=0,
            unreadable_texts=0,
            known_events=0,
        ),
        timing_ms=RankTiming(total=1.4, features=0, encode=0, score=0),
    )
    console = Console(width=120, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(ranking_table(response, ITEMS))
    return capture.get()


def test_titles_are_shown_as_they_are_and_missing_items_as_such() -> None:
    output = printed(
        [
            RankResult(id="a", index=0, rank=1, score=0.5, status="ok"),
            RankResult(id="b", index=1, rank=2, score=0.1, status="missing"),
            RankResult(id="c", index=2, rank=3, score=0.0, status="unreadable"),
        ]
    )
    assert "Split [bold]bill" in output
    assert "0.500" in output
    assert "missing" in output
    assert "unreadable" in output
    assert "tiny@1, 1 ms" in output


def test_what_each_signal_added_is_shown_strongest_first() -> None:
    explanation = {
        "query_similarity": SignalContribution(value=0.5, weight=0.2, contribution=0.1),
        "skip_similarity": SignalContribution(value=0.5, weight=-0.6, contribution=-0.3),
        "upstream_score": SignalContribution(value=None, weight=0.1, contribution=0.0),
        "popularity": SignalContribution(value=None, weight=0.1, contribution=0.05),
    }
    output = printed([RankResult(id="a", index=0, rank=1, score=-0.2, status="ok", explanation=explanation)])
    lines = [" ".join(line.split()) for line in output.splitlines()]
    order = [next(at for at, line in enumerate(lines) if reason in line) for reason in REASONS]
    assert order == sorted(order)
    assert "upstream" not in output


REASONS = (
    "skip similarity -0.300 = -0.6 x 0.500",
    "query similarity +0.100 = 0.2 x 0.500",
    "popularity +0.050 = 0.1 x the others' mean",
)


def test_no_results_give_an_empty_table() -> None:
    assert "tiny@1" in printed([])
