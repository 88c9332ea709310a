from service.http.request_state import RequestState


def test_a_scope_keeps_the_state_that_the_protocol_attached() -> None:
    values: dict[str, object] = {"other": 1}
    scope = {"type": "http", "state": values}
    state = RequestState(request_id="r-1")
    state.attach(values)
    assert RequestState.of(scope) is state


def test_a_scope_without_a_state_gets_one_that_stays() -> None:
    scope: dict[str, object] = {"type": "http"}
    state = RequestState.of(scope)
    assert (state.request_id, state.principal, state.runtime) == ("", None, None)
    assert RequestState.of(scope) is state
