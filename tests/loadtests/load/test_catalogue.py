from loadtests.load.catalogue import Catalogue
from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.items.item import Item
from service.settings import DEMO_CATALOGUE

ITEMS = [
    Item("tea", "Green tea", "Green tea. From the hills.", "drinks"),
    Item("cup", "Blue cup", "Blue cup. Holds a pint.", "kitchen"),
    Item("odd", "Odd", "Odd.", None),
]


def test_it_begins_with_the_items_themselves() -> None:
    catalogue = Catalogue(ITEMS, 100)
    assert [catalogue.item(number) for number in range(3)] == ITEMS


def test_beyond_them_each_item_is_one_of_its_own_and_always_the_same() -> None:
    first, second = (Catalogue.read(DEMO_CATALOGUE, 20_000) for _ in range(2))
    items = [first.item(number) for number in range(20_000)]
    assert items == [second.item(number) for number in range(20_000)]
    assert len({one.id for one in items}) == len({one.text for one in items}) == 20_000
    assert [first.item(number) for number in range(416)] == read_catalogue(DEMO_CATALOGUE)


def test_it_may_have_fewer_than_there_are() -> None:
    catalogue = Catalogue(ITEMS, 2)
    assert catalogue.categories == ["drinks", "kitchen"]
    assert catalogue.query(5)


def test_a_variant_keeps_category_and_description() -> None:
    variant = Catalogue(ITEMS, 100).item(4)
    assert variant.id == "cup-1"
    assert variant.title.startswith("Blue cup ")
    assert variant.text == f"{variant.title}. Holds a pint."
    assert variant.category == "kitchen"


def test_categories_have_numbers() -> None:
    catalogue = Catalogue(ITEMS, 100)
    assert [catalogue.categories[catalogue.category_of(number)] for number in range(4)] == [
        "drinks",
        "kitchen",
        "",
        "drinks",
    ]


def test_queries_are_words_of_titles() -> None:
    catalogue = Catalogue.read(DEMO_CATALOGUE, 5000)
    words = {word for number in range(5000) for word in catalogue.item(number).title.lower().split()}
    queries = [catalogue.query(number) for number in range(1000)]
    assert all(1 <= len(query.split()) <= 3 and words.issuperset(query.split()) for query in queries)
    assert len(set(queries)) > 500
