from service.feature_store.expiry import Lifetime


def test_jitter_only_shortens() -> None:
    assert Lifetime(100, 0.1, lambda: 0.0).draw() == 100
    assert Lifetime(100, 0.1, lambda: 0.5).draw() == 95
    assert all(90 <= Lifetime(100, 0.1).draw() <= 100 for _ in range(100))
