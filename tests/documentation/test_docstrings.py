from documentation.docstrings import entries, summary

DOCSTRING = """Do a thing.

    It takes a while.

    Args:
        one: the first,
            in two lines.
        two, three: others.

    Raises:
        ValueError: it is wrong.
    """


def test_the_summary_is_what_stands_before_the_sections() -> None:
    assert summary(DOCSTRING) == "Do a thing.\n\nIt takes a while."
    assert summary(None) == ""


def test_entries_are_read_by_name() -> None:
    assert entries(DOCSTRING, "Args") == {"one": "the first, in two lines.", "two": "others.", "three": "others."}
    assert entries(DOCSTRING, "Raises") == {"ValueError": "it is wrong."}
    assert entries(DOCSTRING, "Attributes") == {}
