import json

import yaml

from deploy.grafana.board import LOAD_TAG, TAG
from deploy.grafana.writing import FOLDER, written

EVENTS = {TAG: {"Model swapped", "Model refused"}, LOAD_TAG: {"Phase begins"}}


def test_the_committed_dashboards_are_what_the_code_writes() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")} == dict(written())


def test_every_panel_says_what_it_shows_and_where_it_asks() -> None:
    for text in written().values():
        board = json.loads(text)
        assert {variable["name"] for variable in board["templating"]["list"]} == {"datasource", "job", "instance"}
        assert {one["name"] for one in board["annotations"]["list"]} == EVENTS[board["tags"][0]]
        panels = [one for one in board["panels"] if one["type"] != "row"]
        assert panels
        for panel in panels:
            assert panel["description"]
            assert panel["datasource"]["uid"] == "${datasource}"
            assert all('job="$job"' in target["expr"] for target in panel["targets"])


def test_a_verdict_has_three_colours_at_most_and_no_data_is_not_green() -> None:
    judged = {}
    for text in written().values():
        for panel in json.loads(text)["panels"]:
            if panel["type"] != "stat":
                continue
            defaults = panel["fieldConfig"]["defaults"]
            steps = defaults["thresholds"]["steps"]
            assert steps[0]["value"] is None
            assert steps[0]["color"] != "green"
            values = [step["value"] for step in steps[1:]]
            assert values == sorted(set(values))
            if len(steps) > 1:
                judged[panel["title"]] = [step["color"] for step in steps]
                assert {"green", "red"} <= set(judged[panel["title"]])
                (mapping,) = defaults["mappings"]
                assert mapping["options"]["match"] == "null+nan"
                assert mapping["options"]["result"]["color"] != "green"
                assert panel["targets"][0]["instant"] is True  # an old value is no verdict on now
    assert judged["Answered, 3 days"] == judged["Within 100 ms, 3 days"] == ["red", "orange", "green"]


def test_the_objectives_of_the_tiles_are_those_of_the_alerts() -> None:
    panels = {panel["title"]: panel for panel in json.loads(written()["overview.json"])["panels"]}
    for title, aim in (("Answered, 3 days", 0.999), ("Within 100 ms, 3 days", 0.99)):
        (green,) = (
            step["value"]
            for step in panels[title]["fieldConfig"]["defaults"]["thresholds"]["steps"]
            if step["color"] == "green"
        )
        assert green == aim
        assert f"{aim * 100:g} %" in panels[title]["description"]


def test_no_two_panels_lie_over_each_other() -> None:
    for text in written().values():
        taken = [
            (x, y)
            for panel in json.loads(text)["panels"]
            for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
            for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
        ]
        assert len(taken) == len(set(taken))


def test_a_link_takes_a_job_along_only_to_dashboards_that_know_it() -> None:
    for text in written().values():
        board = json.loads(text)
        assert {link["tags"][0]: link["includeVars"] for link in board["links"]} == {
            tag: board["tags"] == [tag] for tag in (TAG, LOAD_TAG)
        }


def test_the_operator_gets_every_dashboard() -> None:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
    assert set(listed["configMapGenerator"][0]["files"]) == set(written())
