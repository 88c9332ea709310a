from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.kubernetes.validation import SCHEMA

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


def test_a_pod_drains_before_it_is_killed() -> None:
    settings = {one["name"]: one["value"] for one in deployment()["containers"][0]["env"]}
    assert float(settings["EDGE_RANK_DRAIN_S"]) + 10 < deployment()["terminationGracePeriodSeconds"]


def test_no_secret_is_committed() -> None:
    kinds = [document["kind"] for (document,) in (one.values for one in manifests()) if isinstance(document, dict)]
    assert kinds
    assert "Secret" not in kinds
