"""PromQL for panels, over the instances that the dashboard's variables select."""

from dataclasses import dataclass

CHOSEN = 'job="$job", instance=~"$instance"'
_WINDOW = "$__rate_interval"


@dataclass(frozen=True)
class Query:
    """An expression with a name for its series; `{{label}}` stands for a label's value."""

    expression: str
    legend: str


def chosen(metric: str, *matchers: str) -> str:
    """The series of a metric that the variables and `matchers` select."""
    return f"{metric}{{{', '.join((CHOSEN, *matchers))}}}"


def rate(metric: str, *matchers: str, by: str = "") -> str:
    """The rate of a counter, summed by the labels `by`."""
    return f"sum{_by(by)} (rate({chosen(metric, *matchers)}[{_WINDOW}]))"


def share(part: str, whole: str) -> str:
    """The ratio of two expressions."""
    return f"{part} / {whole}"


def mean(histogram: str, *matchers: str, by: str = "") -> str:
    """The mean of a histogram's observations."""
    return share(rate(f"{histogram}_sum", *matchers, by=by), rate(f"{histogram}_count", *matchers, by=by))


def quantile(share_below: float, histogram: str, *matchers: str, by: str = "") -> str:
    """A quantile of a histogram's observations, estimated from its buckets."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share_below}, {rate(f'{histogram}_bucket', *matchers, by=labels)})"


def quantiles(histogram: str, *matchers: str) -> list[Query]:
    """Median, 95th and 99th percentile."""
    return [Query(quantile(one, histogram, *matchers), f"p{one * 100:.0f}") for one in (0.5, 0.95, 0.99)]


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""
