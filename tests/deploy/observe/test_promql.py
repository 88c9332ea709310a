import pytest

from deploy.observe.promql import metrics_of, opened, with_variables


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("up", {"up"}),
        (
            'sum by (job) (rate(a_total{job="b", c=~"d(e)|f}"}[5m])) / on (job) group_left () x:y:rate5m',
            {"a_total", "x:y:rate5m"},
        ),
        ("histogram_quantile(0.99, sum(rate(a_bucket[1h] offset 5m)) by (le)) > 1e3", {"a_bucket"}),
        ("a and b or c unless d == bool 1", {"a", "b", "c", "d"}),
    ],
)
def test_metrics(expression: str, names: set[str]) -> None:
    assert metrics_of(expression) == names


@pytest.mark.parametrize(
    ("expression", "open_one"),
    [
        ('a{b!="c>d"} >1', 'a{b!="c>d"} > bool 1'),
        ("a > bool 1 and b<=2", "a > bool 1 and b<= bool 2"),
        ('absent(up{job="a"})', 'up{job="a"}'),
    ],
)
def test_comparisons_are_opened(expression: str, open_one: str) -> None:
    assert opened(expression) == open_one


def test_variables() -> None:
    filled = with_variables('rate(a{job="$job", instance=~"$instance"}[$__rate_interval])', job="j", window="5s")
    assert filled == 'rate(a{job="j", instance=~".+"}[5s])'
    with pytest.raises(ValueError, match="no dashboard declares"):
        with_variables('a{b="$other"}', job="j", window="5s")
