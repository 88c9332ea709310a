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
