from pathlib import Path

import pytest

from model_build.evaluation.errors import DataError
from model_build.evaluation.files import read_table
from tests.model_build.evaluation.benchmark import write_table


def test_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    write_table(tmp_path / "a.tsv.xz", "x|y|z", '1|"2|3', "4||6")
    assert read_table(tmp_path / "a.tsv.xz", ("z", "y")) == [("3", '"2'), ("6", "")]


def test_a_missing_file_is_named_with_its_columns(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.tsv\.xz is missing; .* columns x, y"):
        read_table(tmp_path / "a.tsv.xz", ("x", "y"))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write_table(tmp_path / "a.tsv.xz", "x", "1")
    with pytest.raises(DataError, match="has no column 'y'"):
        read_table(tmp_path / "a.tsv.xz", ("x", "y"))


def test_a_row_of_another_width_is_named(tmp_path: Path) -> None:
    write_table(tmp_path / "a.tsv.xz", "x|y", "1|2", "3")
    with pytest.raises(DataError, match="line 3: 1 columns, but the header has 2"):
        read_table(tmp_path / "a.tsv.xz", ("x",))


@pytest.mark.parametrize("content", [b"plain text", b""])
def test_a_file_that_is_not_xz_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tsv.xz"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_table(path, ("x",))
