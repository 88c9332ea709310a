from tests.service.apps import RunningApp


async def test_routes_are_counted_by_template_and_methods_by_a_fixed_set(service: RunningApp) -> None:
    await service.client.get("/livez")
    await service.client.request("BREW", "/livez")
    await service.client.get("/v1/rank")
    assert service.metric("requests_total", route="/livez", method="GET", status="200") == 1
    assert service.metric("requests_total", route="/livez", method="other", status="405") == 1
    assert service.metric("requests_total", route="/v1/rank", method="GET", status="405") == 1
    assert service.metric("request_seconds_count", route="/livez") == 2
    assert service.metric("requests_in_flight") == 0
