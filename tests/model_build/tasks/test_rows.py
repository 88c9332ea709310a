from model_build.tasks.rows import padded, rows_of

PAD, CLS, SEP = 0, 2, 3


def test_pairs_are_padded_with_their_segments() -> None:
    rows = rows_of([[[7, 8], [7]], [[9], [9, 9, 9]]], (CLS, SEP), 16)
    tokens = padded(rows, PAD)
    assert tokens.ids.tolist() == [[CLS, 7, 8, SEP, 9, SEP, PAD], [CLS, 7, SEP, 9, 9, 9, SEP]]
    assert tokens.mask.tolist() == [[1] * 6 + [0], [1] * 7]
    assert tokens.segments.tolist() == [[0, 0, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1, 1]]


def test_a_text_alone_has_one_segment() -> None:
    tokens = padded(rows_of([[[7, 8]]], (CLS, SEP), 16), PAD)
    assert tokens.segments.tolist() == [[0, 0, 0, 0]]
