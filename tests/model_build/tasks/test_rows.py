from model_build.tasks.rows import padded, rows_apart, rows_of, sides

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


def test_pairs_are_taken_apart_into_rows_of_their_own() -> None:
    left, right = sides(padded(rows_of([[[7, 8], [7]], [[9], [9, 10, 11]]], (CLS, SEP), 16), PAD))
    assert left.ids.tolist() == [[CLS, 7, 8, SEP], [CLS, 7, SEP, PAD]]
    assert left.mask.tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]
    assert right.ids.tolist() == [[CLS, 9, SEP, PAD, PAD], [CLS, 9, 10, 11, SEP]]
    assert right.mask.tolist() == [[1, 1, 1, 0, 0], [1] * 5]
    assert not left.segments.any()
    assert not right.segments.any()


def test_texts_that_are_read_apart_have_room_of_their_own() -> None:
    columns = [[[7] * 9, [7]], [[8], [8] * 3]]
    rows = rows_apart(columns, (CLS, SEP), 5)
    assert [row.truncated for row in rows] == [True, False]
    left, right = sides(padded(rows, PAD))
    assert left.ids.tolist() == [[CLS, 7, 7, 7, SEP], [CLS, 7, SEP, PAD, PAD]]
    assert right.ids.tolist() == [[CLS, 8, SEP, PAD, PAD], [CLS, 8, 8, 8, SEP]]
    assert [row.truncated for row in rows_apart(columns[:1], (CLS, SEP), 5)] == [True, False]
