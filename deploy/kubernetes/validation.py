"""Check manifests on the standard input against Kubernetes' schemas: `python -m deploy.kubernetes.validation NAME`.

What the Prometheus operator defines has no schema there; it is counted, not checked.
"""

import sys
from collections.abc import Mapping
from typing import Any

import kubernetes_validate
import yaml

SCHEMA = "1.32"
_DEFINED_ELSEWHERE = "monitoring.coreos.com/"


def validate(manifest: Mapping[str, Any]) -> bool:
    """Check one. Returns whether there is a schema for it.

    Raises:
        kubernetes_validate.ValidationError: it is not what the schema says.
    """
    if manifest["apiVersion"].startswith(_DEFINED_ELSEWHERE):
        return False
    kubernetes_validate.validate(manifest, SCHEMA, strict=True)
    return True


def main() -> None:
    """Check all, print how many, or what is wrong and exit with 1."""
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
