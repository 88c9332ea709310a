"""PromQL of the kinds that panels ask for, of the instances that the dashboard's variables choose."""

from dataclasses import dataclass

CHOSEN = 'job="$job", instance=~"$instance"'
_WINDOW = "$__rate_interval"


@dataclass(frozen=True)
class Query:
    """An expression and what its series are called; `{{label}}` stands for a label's value."""

    expression: str
    legend: str


def chosen(metric: str, *matchers: str) -> str:
    """The series of a metric that the variables choose, `matchers` besides."""
    return f"{metric}{{{', '.join((CHOSEN, *matchers))}}}"


def rate(metric: str, *matchers: str, by: str = "") -> str:
    """How much a counter grows in a second, summed, but for the labels `by`."""
    return f"sum{_by(by)} (rate({chosen(metric, *matchers)}[{_WINDOW}]))"


def share(part: str, whole: str) -> str:
    """A quotient."""
    return f"{part} / {whole}"


def mean(histogram: str, *matchers: str, by: str = "") -> str:
    """The mean of a histogram's observations."""
    return share(rate(f"{histogram}_sum", *matchers, by=by), rate(f"{histogram}_count", *matchers, by=by))


def quantile(share_below: float, histogram: str, *matchers: str, by: str = "") -> str:
    """A quantile of a histogram's observations, as well as its buckets tell."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share_below}, {rate(f'{histogram}_bucket', *matchers, by=labels)})"


def quantiles(histogram: str, *matchers: str) -> list[Query]:
    """Median, 95th and 99th percentile."""
    return [Query(quantile(one, histogram, *matchers), f"p{one * 100:.0f}") for one in (0.5, 0.95, 0.99)]


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""
