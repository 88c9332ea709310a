from documentation.errors import page
from service.errors import ApiError


def test_every_code_has_a_row() -> None:
    codes = [one.code for one in ApiError.__subclasses__() if hasattr(one, "code")]
    assert len(codes) > 10
    assert all(f"| `{code}` |" in page() for code in codes)


def test_refusals_of_the_server_have_a_row() -> None:
    assert "| 431 | `request_header_fields_too_large` |" in page()
