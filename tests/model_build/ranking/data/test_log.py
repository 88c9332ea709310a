import json
from pathlib import Path

import numpy as np
import pytest

from model_build.common.errors import LogError
from model_build.ranking.data.log import read_log
from service.ranking.signals import SIGNALS
from tests.model_build.ranking.benchmark import write_log


def test_outcomes_are_joined_to_what_was_shown(tmp_path: Path) -> None:
    write_log(tmp_path, 4)
    found = read_log(tmp_path, max_bad_share=0).lists("search")
    assert [one.gains.tolist() for one in found[:2]] == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    assert found[1].group == "r1"
    assert found[1].signals[:, SIGNALS.index("query_overlap")].tolist() == [0.0, 1.0, 0.0]
    assert np.isnan(found[1].signals[:, SIGNALS.index("freshness")]).all()


def test_lists_are_of_one_situation_and_over_all_files(tmp_path: Path) -> None:
    write_log(tmp_path, 2)
    write_log(tmp_path, 5, situation="feed", name="ranking.jsonl.1", prefix="s")
    log = read_log(tmp_path, max_bad_share=0)
    assert [len(log.lists(one)) for one in ("search", "feed", "both")] == [2, 5, 0]


def test_the_greatest_outcome_counts_and_skips_alone_make_no_list(tmp_path: Path) -> None:
    path = write_log(tmp_path, 2)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    bought = {**lines[0], "action": "purchase"}
    lines[2]["action"] = "skip"
    path.write_text("".join(json.dumps(line) + "\n" for line in [bought, *lines]))
    (only,) = read_log(tmp_path, max_bad_share=0).lists("search")
    assert only.gains.tolist() == [3.0, 0.0, 0.0]


def test_an_outcome_of_an_unknown_request_changes_nothing(tmp_path: Path) -> None:
    path = write_log(tmp_path, 1)
    line = {"kind": "outcome", "at": 1.0, "request_id": "gone", "item": "0", "action": "click"}
    path.write_text(path.read_text() + json.dumps(line) + "\n\n")
    log = read_log(tmp_path, max_bad_share=0)
    assert len(log.lists("search")) == 1
    assert (log.lines, log.bad) == (3, 0)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{secret", "it is not JSON"),
        ('{"kind": "secret"}', "kind is neither impression nor outcome"),
        ('{"kind": "outcome", "at": 1, "request_id": "r", "item": "i", "action": "secret"}', "action: "),
        (
            '{"kind": "impression", "at": 1, "request_id": "r", "situation": "feed", '
            '"results": [{"item": "i", "rank": 1, "signals": {"secret": 1}}]}',
            "results.0.signals: ",
        ),
    ],
)
def test_the_first_bad_line_is_named_and_not_repeated(line: str, reason: str, tmp_path: Path) -> None:
    path = write_log(tmp_path, 2)
    path.write_text(path.read_text() + f"{line}\nalso bad\n")
    with pytest.raises(LogError) as raised:
        read_log(tmp_path, max_bad_share=0.2)
    message = str(raised.value)
    assert message.startswith(f"{path}, line 5: ")
    assert reason in message
    assert "2 of 6 lines are bad, more than 20.0%" in message
    assert "secret" not in message
    assert "\n" not in message


def test_a_few_bad_lines_are_counted_and_passed_over(tmp_path: Path) -> None:
    path = write_log(tmp_path, 2)
    path.write_text(path.read_text() + "bad\n")
    log = read_log(tmp_path, max_bad_share=0.2)
    assert (log.lines, log.bad) == (5, 1)
    assert log.first_bad == f"{path}, line 5: it is not JSON"
    assert len(log.lists("search")) == 2


def test_a_folder_without_a_log_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="has no file"):
        read_log(tmp_path, max_bad_share=0)
