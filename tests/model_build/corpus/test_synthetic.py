from model_build.corpus.synthetic import MAX_LISTED, MAX_SENTENCES, compose


def test_compositions_are_made_of_titles_and_sentences_of_the_corpus() -> None:
    titles = [f"title{place}" for place in range(20)]
    sentences = [f"sentence{place} with some more words than a title has" for place in range(20)]
    made = compose(titles + sentences, 200, seed=1)
    assert len(made) == 200
    counts = [(text.count("title") - text.count("a title"), text.count("sentence")) for text in made]
    assert all(1 <= listed <= 1 + MAX_LISTED and long <= MAX_SENTENCES for listed, long in counts)
    assert {long for _, long in counts} == set(range(MAX_SENTENCES + 1))
    assert any(not text.startswith("title") for text in made)
    assert made == compose(titles + sentences, 200, seed=1) != compose(titles + sentences, 200, seed=2)


def test_compositions_need_titles_and_do_without_sentences() -> None:
    assert compose(["one two three four five six"], 3, seed=1) == []
    assert all(text for text in compose(["one", "two"], 3, seed=1))
