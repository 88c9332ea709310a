from service.http.request_state import RequestState


def test_a_scope_keeps_the_state_that_the_protocol_attached() -> None:
    scope: dict[str, object] = {"type": "http", "state": {"other": 1}}
    state = RequestState(request_id="r-1")
    state.attach(scope)
    assert RequestState.of(scope) is state


def test_a_scope_without_a_state_gets_one_that_stays() -> None:
    scope: dict[str, object] = {"type": "http"}
    state = RequestState.of(scope)
    assert (state.request_id, state.principal, state.runtime) == ("", None, None)
    assert RequestState.of(scope) is state
