from pathlib import Path

import pytest

from documentation.links import faults, main

GOOD = (
    '<h1 id="top">x</h1><a href="other/page.html#here">y</a><a href="#top">z</a>'
    '<img src="a.png"><link rel="stylesheet" href="a.css">'
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "other").mkdir()
    (tmp_path / "index.html").write_text(GOOD)
    (tmp_path / "other/page.html").write_text(
        '<h1 id="here">x</h1><a href="..">up</a><a href="https://example.com">out</a>'
    )
    for name in ("a.png", "a.css"):
        (tmp_path / name).write_text("")
    return tmp_path


def test_a_whole_site_has_no_faults(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(faults(site)) == []
    assert main(site) == 0
    assert "0 faults" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ('<a href="gone.html">x</a>', "gone.html leads nowhere"),
        ('<a href="other/page.html#gone">x</a>', "other/page.html#gone names no element of its page"),
        ('<a href="#gone">x</a>', "#gone names no element of its page"),
        ('<img src="gone.png">', "loads gone.png, which is not there"),
        ('<script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js from another host"),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', "loads //fonts.example/x.css from another host"),
    ],
)
def test_a_planted_fault_is_found(site: Path, planted: str, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "index.html").write_text(GOOD + planted)
    assert list(faults(site)) == [f"index.html: {fault}"]
    assert main(site) == 1
    assert "1 faults" in capsys.readouterr().out


def test_an_empty_site_is_a_fault(tmp_path: Path) -> None:
    assert len(list(faults(tmp_path))) == 1
