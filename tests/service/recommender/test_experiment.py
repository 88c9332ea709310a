import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from service.ranking.weights import SignalWeights, default_weights, ranker_json
from service.recommender.experiment import (
    Arm,
    Choice,
    Experiment,
    ExperimentError,
    choose,
    load_experiment,
    point_of,
)
from tests.service.apps import RunningApp, candidates, ids, running, settings
from tests.service.artifacts import build_artifact

EXPERIMENT = """
name = "words-matter"
[arms.control]
share = 0.9
ranker = "fused"
[arms.lexical]
share = 0.1
ranker = "lexical"
"""
# As hashlib of Pythons 3.8 to 3.13 computes them.
POINTS = {
    ("words-matter", "user-1"): 0.8670836872243595,
    ("words-matter", "user-2"): 0.7129126847979157,
    ("words-matter", "Łukasz 🍜"): 0.6424837150959184,
    ("words-matter", "x" * 256): 0.6868968888742675,
    ("other", "user-1"): 0.7982120140220081,
}
IN_CONTROL, IN_LEXICAL = "user-1", "user-7"


def written(folder: Path, text: str = EXPERIMENT) -> Path:
    path = folder / "experiment.toml"
    path.write_text(text, encoding="utf-8")
    return path


def of_shares(*shares: float) -> Experiment:
    return Experiment("shares", tuple(Arm(f"arm-{place}", share, "fused") for place, share in enumerate(shares)))


@pytest.mark.parametrize(("name", "user_id"), POINTS)
def test_a_user_s_place_is_the_same_everywhere(name: str, user_id: str) -> None:
    assert point_of(name, user_id) == POINTS[name, user_id]


def test_another_process_assigns_alike() -> None:
    users = [f"user-{number}" for number in range(100)]
    code = (
        "import json, sys; from service.recommender.experiment import point_of; "
        "print(json.dumps([point_of('n', one) for one in json.load(sys.stdin)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(users), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [point_of("n", one) for one in users]


@pytest.mark.parametrize("shares", [(0.9, 0.1), (0.5, 0.3, 0.2), (1 / 3, 1 / 3, 1 / 3), (1.0,), (0.0625,) * 16])
def test_arms_get_their_shares_within_a_hundredth(shares: tuple[float, ...]) -> None:
    experiment = of_shares(*shares)
    counts = Counter(experiment.arm_of(f"user-{number}").name for number in range(100_000))
    for arm in experiment.arms:
        assert counts[arm.name] / 100_000 == pytest.approx(arm.share, abs=0.01)


def test_experiments_draw_independently() -> None:
    users = [f"user-{number}" for number in range(10_000)]
    both = sum(point_of("one", user) < 0.5 and point_of("other", user) < 0.5 for user in users)
    assert both / len(users) == pytest.approx(0.25, abs=0.02)


def test_what_rounding_leaves_over_is_the_last_arm_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.recommender.experiment.point_of", lambda *_: 1 - 2**-53)
    assert of_shares(0.3, 0.7 - 1e-7).arm_of("anybody").name == "arm-1"


def test_who_is_not_known_or_asks_for_a_ranker_takes_no_part() -> None:
    experiment = Experiment("n", (Arm("only", 1.0, "lexical"),))
    assert choose(experiment, user_id="u", asked=None) == Choice("lexical", "only")
    assert choose(experiment, user_id=None, asked=None) == Choice("fused")
    assert choose(experiment, user_id="u", asked="dense") == Choice("dense")
    assert choose(None, user_id="u", asked=None) == Choice("fused")


def test_a_file_is_read(tmp_path: Path) -> None:
    experiment = load_experiment(written(tmp_path))
    assert experiment == Experiment("words-matter", (Arm("control", 0.9, "fused"), Arm("lexical", 0.1, "lexical")))
    assert experiment.arm_of(IN_CONTROL).name == "control"
    assert experiment.arm_of(IN_LEXICAL).name == "lexical"


def test_an_arm_may_have_weights_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "other-ranker.json").write_text(ranker_json(backwards()))
    path = written(tmp_path, 'name = "n"\n[arms.own]\nshare = 1\nweights = "other-ranker.json"\n')
    (arm,) = load_experiment(path).arms
    assert arm.ranker == "fused"
    assert arm.weights is not None
    assert arm.weights.by_surface["search"]["query_similarity"] == -1.0


def arms(*lines: str) -> str:
    return 'name = "n"\n' + "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "is not TOML"),
        ('name = "n"', "arms: Field required"),
        (arms("[arms]"), "arms: Dictionary should have at least 1 item"),
        (EXPERIMENT.replace('"words-matter"', '"Words Matter"'), "name: String should match"),
        (EXPERIMENT.replace('"words-matter"', f'"{"n" * 33}"'), "name: String should match"),
        (EXPERIMENT.replace("arms.lexical", "arms.Lexical"), "arms.Lexical"),
        (EXPERIMENT.replace("0.1", "0.2"), "must add up to 1, not 1.1"),
        (EXPERIMENT.replace("0.1", "0.0999"), "must add up to 1, not 0.9999"),
        (EXPERIMENT.replace("0.1", "0"), "arms.lexical.share: Input should be greater than 0"),
        (EXPERIMENT.replace("0.1", "nan"), "arms.lexical.share: Input should be a finite number"),
        (EXPERIMENT.replace("0.1", '"0.1"'), "arms.lexical.share: Input should be a valid number"),
        (EXPERIMENT.replace('ranker = "lexical"', 'ranker = "random"'), "arms.lexical.ranker: Input should be"),
        (EXPERIMENT.replace('ranker = "lexical"', ""), "arms.lexical needs a ranker, weights or a model"),
        (EXPERIMENT + 'model = "other"\n', "arms.lexical.model names a folder of models: set models"),
        (EXPERIMENT + 'model = "../other"\n', "arms.lexical.model: String should match"),
        (EXPERIMENT + 'weights = "a.json"\n', "arms.lexical has both a ranker and weights"),
        (EXPERIMENT + "colour = 1\n", "arms.lexical.colour: Extra inputs"),
        (EXPERIMENT.replace('ranker = "lexical"', 'weights = "none.json"'), "none.json can't be read: No such file"),
        (
            arms(*(f'[arms.a{number}]\nshare = {1 / 17}\nranker = "dense"' for number in range(17))),
            "at most 16 items",
        ),
    ],
)
def test_what_is_no_experiment_is_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ExperimentError, match=told) as caught:
        load_experiment(written(tmp_path, text))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_shares_may_be_rounded(tmp_path: Path) -> None:
    lines = [f'[arms.a{number}]\nshare = 0.3333333\nranker = "dense"' for number in range(3)]
    assert len(load_experiment(written(tmp_path, arms(*lines))).arms) == 3


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="can't be read: No such file"):
        load_experiment(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ExperimentError, match="is not TOML"):
        load_experiment(tmp_path / "binary.toml")


def test_weights_that_overflow_are_refused(tmp_path: Path) -> None:
    weights = default_weights()
    huge = SignalWeights(
        {place: dict.fromkeys(one, 1e300) for place, one in weights.by_surface.items()}, weights.learned_from
    )
    (tmp_path / "other.json").write_text(ranker_json(huge))
    path = written(tmp_path, 'name = "n"\n[arms.own]\nshare = 1\nweights = "other.json"\n')
    with pytest.raises(ExperimentError, match=r"arms\.own\.weights: .*less than or equal to 1000000$"):
        load_experiment(path)


def test_weights_that_lack_a_signal_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(ranker_json(default_weights()).replace('"freshness"', '"freshnes"'))
    path = written(tmp_path, 'name = "n"\n[arms.own]\nshare = 1\nweights = "other.json"\n')
    with pytest.raises(ExperimentError, match=r"arms\.own\.weights: .*unknown signals: freshnes"):
        load_experiment(path)


BODY: dict[str, Any] = {"query": "split a bill", "candidates": candidates({"a": "taxi", "b": "split a bill"})}


def backwards() -> SignalWeights:
    weights = default_weights()
    return SignalWeights(
        {place: {name: -value for name, value in one.items()} for place, one in weights.by_surface.items()},
        weights.learned_from,
    )


async def test_an_answer_says_who_ranked_and_in_which_arm(tmp_path: Path) -> None:
    async with running(settings(experiment=written(tmp_path))) as service:
        control = await service.rank(**BODY, user={"id": IN_CONTROL})
        lexical = await service.rank(**BODY, user={"id": IN_LEXICAL})
        nobody = await service.rank(**BODY)
        told = await service.rank(**BODY, user={"id": IN_LEXICAL}, options={"ranker": "dense"})
        assert (control["ranker"], control["variant"]) == ("fused", "control")
        assert (lexical["ranker"], lexical["variant"]) == ("lexical", "lexical")
        assert (nobody["ranker"], nobody.get("variant")) == ("fused", None)
        assert (told["ranker"], told.get("variant")) == ("dense", None)
        assert lexical["results"] != control["results"] == nobody["results"]
        for ranker, variant in (("fused", "control"), ("lexical", "lexical"), ("fused", ""), ("dense", "")):
            assert service.metric("rankings_total", ranker=ranker, variant=variant) == 1


async def test_without_an_experiment_a_user_makes_no_difference(service: RunningApp) -> None:
    with_user = await service.rank(**BODY, user={"id": IN_LEXICAL})
    assert with_user["results"] == (await service.rank(**BODY))["results"]
    assert "variant" not in with_user


async def test_an_arm_s_own_weights_rank_and_outlive_a_swap_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "other-ranker.json").write_text(ranker_json(backwards()))
    path = written(tmp_path, 'name = "n"\n[arms.own]\nshare = 1\nweights = "other-ranker.json"\n')
    async with running(settings(experiment=path)) as service:
        plain, own = await service.rank(**BODY), await service.rank(**BODY, user={"id": "u"})
        assert ids(plain) == list(reversed(ids(own)))
        assert (own["ranker"], own["variant"]) == ("fused", "own")
        await service.container.models.swap(build_artifact(tmp_path / "model").folder)
        swapped = await service.rank(**BODY, user={"id": "u"}, options={"explain": True})
        assert swapped["model"] != own["model"]
        assert swapped["variant"] == "own"
        assert swapped["results"][0]["explanation"]["query_similarity"]["weight"] == -1.0
