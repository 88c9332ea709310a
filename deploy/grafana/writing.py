"""The dashboards as text of their files."""

import json
from collections.abc import Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.fleet import fleet
from deploy.grafana.overview import overview
from deploy.grafana.ranking import ranking

FOLDER = Path(__file__).parent / "dashboards"


def written() -> Mapping[str, str]:
    """JSON by file name; deterministic."""
    return {
        name: json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True) + "\n"
        for name, dashboard in (("fleet.json", fleet()), ("overview.json", overview()), ("ranking.json", ranking()))
    }
