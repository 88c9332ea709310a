from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from deploy.kubernetes.validation import SCHEMA
from service.admission.deadline import LONGEST_DEADLINE_MS
from service.api.app import create_app
from service.api.middleware.authentication import OPEN_PATHS
from service.settings import Settings

FOLDER = Path(__file__).parents[3] / "deploy" / "kubernetes"

NO_SCHEMA = ("kustomize.config.k8s.io/", "monitoring.coreos.com/")


def manifests() -> list[Any]:
    documents = [
        (path, document)
        for path in sorted(FOLDER.rglob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]
    return [
        pytest.param(document, id=str(path.relative_to(FOLDER)))
        for path, document in documents
        if "kind" in document and not document["apiVersion"].startswith(NO_SCHEMA)
    ]


def deployment() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "base" / "deployment.yaml").read_text(encoding="utf-8"))
    return found["spec"]["template"]["spec"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("manifest", manifests())
def test_the_schema_holds(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, SCHEMA, strict=True)


def test_the_schema_finds_faults() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({"apiVersion": "v1", "kind": "Service", "spec": {"port": 1}}, SCHEMA, strict=True)


def test_a_pod_may_do_nothing_that_it_need_not() -> None:
    pod, (container,) = deployment(), deployment()["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False  # else the Service's name sets EDGE_RANK_PORT
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


FINISH_S = 15
"""The seconds of a shutdown beyond the drain: open connections, requests in progress, the last spans."""


def test_a_pod_ends_by_itself_before_it_is_killed() -> None:
    settings = {one["name"]: one["value"] for one in deployment()["containers"][0]["env"]}
    takes_s = float(settings["EDGE_RANK_DRAIN_S"]) + FINISH_S
    assert takes_s + 5 <= deployment()["terminationGracePeriodSeconds"]
    compose = yaml.safe_load((FOLDER.parents[1] / "docker-compose.yml").read_text(encoding="utf-8"))
    assert takes_s + 5 <= float(compose["services"]["edge-rank"]["stop_grace_period"].removesuffix("s"))


def test_the_balancer_is_not_gone_before_the_probes_have_told_it() -> None:
    settings = {one["name"]: one["value"] for one in deployment()["containers"][0]["env"]}
    probe = deployment()["containers"][0]["readinessProbe"]
    assert float(settings["EDGE_RANK_DRAIN_S"]) > probe["periodSeconds"] * probe.get("failureThreshold", 3)


def read(name: str) -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return manifest


def test_what_comes_from_outside_is_encrypted_and_is_what_clients_ask() -> None:
    spec = read("components/ingress/ingress.yaml")["spec"]
    (rule,) = spec["rules"]
    assert spec["tls"] == [{"hosts": [rule["host"]], "secretName": "edge-rank-tls"}]
    exact = {one["path"] for one in rule["http"]["paths"] if one["pathType"] == "Exact"}
    (below,) = (one["path"] for one in rule["http"]["paths"] if one["pathType"] == "Prefix")
    served = {path for path in create_app(Settings()).openapi()["paths"] if path not in OPEN_PATHS}
    let_in = {path for path in served if path in exact or path.startswith(f"{below}/")}
    assert served - let_in == {"/v1/admin/model"}
    assert exact - let_in == {"/rank", "/rerank", "/v2/rerank"}  # other names, which the documentation does not list


def test_the_ingress_and_the_service_agree() -> None:
    notes = read("components/ingress/ingress.yaml")["metadata"]["annotations"]
    settings = Settings()
    for prefix, seconds in (("nginx.org/", "s"), ("nginx.ingress.kubernetes.io/", "")):
        size = notes.get(f"{prefix}client-max-body-size") or notes[f"{prefix}proxy-body-size"]
        assert settings.max_body_bytes < int(size.removesuffix("m")) * 2**20 <= 2 * settings.max_body_bytes
        waits_s = float(notes[f"{prefix}proxy-read-timeout"].removesuffix(seconds))
        assert LONGEST_DEADLINE_MS / 1000 < waits_s < 2 * LONGEST_DEADLINE_MS / 1000


def test_the_network_lets_through_what_a_pod_needs_and_nothing_else() -> None:
    spec = read("base/networkpolicy.yaml")["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert [[port["port"] for port in rule["ports"]] for rule in spec["egress"]] == [[53, 53], [6379, 6380]]
    asked = {next(iter(one["podSelector"]["matchLabels"].items())) for one in spec["ingress"][0]["from"]}
    assert asked == {("edge-rank-client", "true"), ("app.kubernetes.io/name", "prometheus")}


def test_traces_have_a_way_out_where_they_are_on() -> None:
    of_pod, of_network = read("components/traces/kustomization.yaml")["patches"]
    added = {one["value"]["name"]: one["value"]["value"] for one in yaml.safe_load(of_pod["patch"])}
    assert added["EDGE_RANK_TRACES"] == "true"
    port = urlsplit(added["OTEL_EXPORTER_OTLP_ENDPOINT"]).port
    (way,) = yaml.safe_load(of_network["patch"])
    assert (way["path"], way["value"]) == ("/spec/egress/-", {"ports": [{"protocol": "TCP", "port": port}]})


def test_the_budget_leaves_one_of_the_fewest_instances() -> None:
    fewest = read("components/autoscaling/horizontalpodautoscaler.yaml")["spec"]["minReplicas"]
    assert fewest == read("base/deployment.yaml")["spec"]["replicas"]
    assert read("base/poddisruptionbudget.yaml")["spec"]["maxUnavailable"] < fewest


def test_no_secret_is_committed() -> None:
    kinds = [document["kind"] for (document,) in (one.values for one in manifests()) if isinstance(document, dict)]
    assert kinds
    assert "Secret" not in kinds
