"""Admission control: a request that can't be answered within its deadline is refused before its body is parsed."""

import time
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.admission.arrival import Arrival
from service.admission.deadline import Deadline, header_ms
from service.admission.gate import Gate
from service.admission.pacing import RequestPacer, units_of
from service.admission.ticket import Ticket, current_ticket
from service.api.responses.errors import api_error_response
from service.errors import ApiError, InvalidHeaderError, OverloadedError
from service.http.request_state import RequestState
from service.metrics.registry import Metrics

_WORK = frozenset({"POST", "PUT", "DELETE", "PATCH"})
_INFORMATIVE = frozenset({200, 504})  # statuses whose time says how good the prediction was
_SHORTEST_S = 0.005  # predictions and answers below this count as equal


class AdmissionMiddleware:
    """Admits requests by their deadlines, and learns from their answers. Probes and metrics always pass.

    The work that a request has for the encoder is unknown here, except by the history of its connection. The encoder's
    own queue refuses, after the body is parsed, what it can't embed in time; this layer plans the event loop.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, *, deadline_ms: int, max_requests: int) -> None:
        """`deadline_ms` is of requests that set no shorter one, `max_requests` counts waiting ones, too."""
        self._app, self._metrics = app, metrics
        self._deadline_ms, self._max_requests = deadline_ms, max_requests
        self._pacer = RequestPacer()
        self._gate = Gate(
            self._pacer.schedule,
            "this can't be answered within its deadline; try again later, or allow more time",
            metrics.refused.labels("overloaded").inc,
        )
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if it is admitted."""
        if scope["type"] != "http" or scope["method"] not in _WORK:
            await self._app(scope, receive, send)
            return
        state = RequestState.of(scope)
        history = state.connection
        due_s = self._due_s(Headers(scope=scope), state.arrived_s)
        self._requests += 1
        now_s = time.perf_counter()
        arrival = Arrival(state.arrived_s, history.was_promised(now_s), alone=self._requests == 1)
        try:
            if not arrival.promised and not arrival.alone:
                history.refuse_late(state.body_bytes, due_s, now_s, arrival)
            ticket = await self._admitted(arrival, state.body_bytes, due_s)
        except ApiError as error:
            response = api_error_response(error, state)
            _note_promise(state)
            await response(scope, receive, send)
        else:
            await self._answered(ticket, state, scope, receive, send)
            history.learn(state.body_bytes, ticket.units, ticket.queue)
        finally:
            self._requests -= 1

    async def _admitted(self, arrival: Arrival, body_bytes: int, due_s: float) -> Ticket:
        """Wait for a request's turn, or refuse it."""
        now_s, units = time.perf_counter(), units_of(body_bytes)
        if self._requests > self._max_requests:
            self._metrics.refused.labels("queue_full").inc()
            offer = self._gate.predict([units], due_s, now_s, arrival)
            wait_s = self._gate.retry_after.wait_s(max(0.0, offer.done_s - now_s), offer.own_s, now_s)
            raise OverloadedError("too many requests are waiting; try again later", retry_after_s=wait_s)
        offer = self._gate.refuse_late([units], due_s, now_s, arrival)
        self._gate.retry_after.admitted(offer.own_s)
        await self._pacer.wait(offer, units, due_s)
        return Ticket(arrival, offer.done_s, self._gate.margin, offer.own_s, time.perf_counter() - now_s)

    async def _answered(self, ticket: Ticket, state: RequestState, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] in _INFORMATIVE:
                    self._learn(ticket, time.perf_counter())
                elif message["status"] == HTTPStatus.TOO_MANY_REQUESTS:
                    _note_promise(state)
            await send(message)

        before = current_ticket.set(ticket)
        try:
            await self._app(scope, receive, send_observed)
        finally:
            current_ticket.reset(before)

    def _learn(self, ticket: Ticket, now_s: float) -> None:
        """Compare an answer with its prediction."""
        predicted_s = max(_SHORTEST_S, ticket.predicted_s - ticket.arrival.at_s)
        ticket.margin.learn(now_s - ticket.scheduled_s, now_s)
        self._metrics.admission_ratio.observe(max(_SHORTEST_S, now_s - ticket.arrival.at_s) / predicted_s)
        self._metrics.wait_seconds.labels(ticket.size).observe(ticket.waited_s)

    def _due_s(self, headers: Headers, arrived_s: float) -> float:
        """The deadline by header and settings; an invalid header is left to the route."""
        try:
            asked_ms = header_ms(headers)
        except InvalidHeaderError:
            asked_ms = None
        return Deadline.after(asked_ms, self._deadline_ms, since=arrived_s).moment_s


def _note_promise(state: RequestState) -> None:
    if state.retry_after_s is not None:
        state.connection.promise(time.perf_counter() + state.retry_after_s)
