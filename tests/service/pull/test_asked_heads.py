import pytest

from service.pull.asked_heads import AskedHeads


@pytest.mark.parametrize(
    ("text", "names", "every", "written"),
    [
        ("a", ("a",), False, "a"),
        ("b,a", ("a", "b"), False, "a,b"),
        ("b, a ,b", ("a", "b"), False, "a,b"),
        ("all", (), True, "all"),
        ("none", (), False, "none"),
        ("all-of-it,nonesuch", ("all-of-it", "nonesuch"), False, "all-of-it,nonesuch"),
    ],
)
def test_names_all_or_none_are_read_and_written(text: str, names: tuple[str, ...], every: bool, written: str) -> None:
    found = AskedHeads.parse(text)
    assert (found.names, found.all, str(found)) == (names, every, written)
    assert AskedHeads.parse(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "a,",
        "a,,b",
        "../x",
        "a/b",
        ".a",
        "a b",
        "a\0",
        "all,a",
        "none,a",
        "é",
        ",".join(f"n{n}" for n in range(65)),
    ],
)
def test_what_names_no_heads_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="heads are all, none, or at most 64 names"):
        AskedHeads.parse(text)
