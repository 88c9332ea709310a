import re

import pytest

from loadtests.benchmarks import long_texts


def test_longer_texts_have_more_windows_and_take_more_bytes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["long_texts", "--texts", "5", "--rounds", "1"])
    long_texts.main()
    rows = [[float(cell) for cell in re.findall(r"[\d.]+", line)] for line in capsys.readouterr().out.splitlines()]
    windows, tokens, _, ratios, sizes = zip(*[row for row in rows if len(row) == 5], strict=True)
    assert windows[0] == 1
    assert windows == pytest.approx((1, 2, 4, 8), rel=0.25)
    assert ratios[0] == 1
    assert list(tokens) == sorted(tokens)
    assert list(sizes) == sorted(sizes)
