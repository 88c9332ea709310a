import pytest
from pydantic.fields import FieldInfo

from documentation.settings import default, meaning, page
from service.settings import Settings, variable


def test_every_setting_has_a_row() -> None:
    assert all(f"| `{variable(name)}` |" in page() for name in Settings.model_fields)


def test_a_setting_without_a_description_is_an_error() -> None:
    with pytest.raises(ValueError, match="port"):
        meaning("port", FieldInfo(default=1))


def test_a_path_is_shown_as_the_repository_has_it() -> None:
    assert default(Settings.model_fields["model"]) == "`service/assets/model`"
