from loadtests.peers.measurement import Measurement
from loadtests.peers.peer import Asked, Label
from loadtests.peers.quality import Quality
from loadtests.peers.table import Failure, markdown_of, table_of
from model_build.evaluation.metrics import Interval

LABEL = Label("peer", "Peer 1.0", "a model", Asked.HTTP)
MEASURED = Measurement(
    label=LABEL,
    model_bytes=1_910_000,
    start_s=1.234,
    latencies_s=[0.010, 0.012, 0.014],
    rate=83.333,
    resident_megabytes=120.4,
    peak_megabytes=130.6,
    quality=Quality(0.8184, Interval(0.80, 0.84)),
)


def test_a_peer_has_a_row_of_all_that_was_measured() -> None:
    heading, rule, row, failed = markdown_of([MEASURED, Failure(LABEL, "it ended")]).splitlines()
    assert row == (
        "| Peer 1.0 | a model | HTTP | 1.91 | 1.23 | 12.00 | 13.60 | 3 | 83.33 | 120 | 131 | 0.818 | 0.800 to 0.840 |"
    )
    assert failed == "| Peer 1.0 | a model | HTTP | failed |  |  |  |  |  |  |  |  |  |"
    assert {line.count("|") for line in (heading, rule, row, failed)} == {14}


def test_the_terminal_has_the_same_rows() -> None:
    table = table_of([MEASURED, Failure(LABEL, "it ended")])
    assert len(table.rows) == 2
    assert [next(iter(column.cells)) for column in table.columns][3:5] == ["1.91", "1.23"]
