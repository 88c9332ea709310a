from model_build.corpus.queries import draw_queries
from tests.model_build.materials import texts


def test_queries_are_a_few_words_of_their_text_in_order() -> None:
    known = [f"{text} the the the" for text in texts(400)]
    queries = draw_queries(known, share=0.5, seed=1)
    assert 100 < len(queries) < 300
    for index, query in queries.items():
        assert 2 <= len(query.split()) <= 5
        rest = iter(known[index].split())
        assert all(word in rest for word in query.split())
    drawn = [word for query in queries.values() for word in query.split()]
    assert drawn.count("the") < len(drawn) / 4  # three of about eleven words, but the commonest


def test_words_that_case_folding_splits_do_not_stop_the_draw() -> None:
    assert draw_queries(["İnönü stadium in Istanbul on the Bosphorus"] * 3, share=1.0, seed=1)
