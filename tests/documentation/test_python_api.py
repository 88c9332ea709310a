from documentation.python_api import PUBLIC, page


def test_everything_public_has_a_signature() -> None:
    shown = page()
    for module, names in PUBLIC.items():
        assert f"## `{module}`" in shown
        assert all(f" {name}" in shown for name in names)
    assert "def load_artifact(" in shown
