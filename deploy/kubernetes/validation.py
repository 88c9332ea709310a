"""Check manifests on standard input against Kubernetes' schemas: `python -m deploy.kubernetes.validation NAME`.

Resources of the Prometheus operator have no schema there; they are counted, not checked.
"""

import sys
from collections.abc import Mapping
from typing import Any

import kubernetes_validate
import yaml

SCHEMA = "1.32"
_DEFINED_ELSEWHERE = "monitoring.coreos.com/"


def validate(manifest: Mapping[str, Any]) -> bool:
    """Check one manifest. Returns whether there is a schema for it.

    Raises:
        kubernetes_validate.ValidationError: it violates the schema.
    """
    if manifest["apiVersion"].startswith(_DEFINED_ELSEWHERE):
        return False
    kubernetes_validate.validate(manifest, SCHEMA, strict=True)
    return True


def main() -> None:
    """Check all manifests; print their number, or an error and exit with 1."""
    name, manifests = sys.argv[1], [one for one in yaml.safe_load_all(sys.stdin) if one]
    if not manifests:
        sys.exit(f"{name}: there is nothing in it")
    try:
        checked = sum(validate(one) for one in manifests)
    except kubernetes_validate.ValidationError as error:
        sys.exit(f"{name}: {error.message}")
    sys.stdout.write(f"{name}: {checked} manifests are valid, {len(manifests) - checked} have no schema\n")


if __name__ == "__main__":
    main()
