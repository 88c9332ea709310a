"""Which requests are taken on: what can't be answered within its deadline is refused before its body is parsed."""

import time
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.admission.deadline import Deadline, header_ms
from service.admission.habit import HABIT, Habit
from service.admission.margin import Margin
from service.admission.retry import Promises
from service.admission.ticket import Ticket, current_ticket
from service.admission.turns import Turns
from service.errors import ApiError, InvalidHeaderError, OverloadedError, api_error_response
from service.metrics.registry import Metrics

_WORK = frozenset({"POST", "PUT", "DELETE", "PATCH"})
_TELLING = frozenset({200, 504})  # statuses of which the time tells how good the prediction was
_SHORTEST_S = 0.005  # what is predicted and answered sooner than this is predicted well


class AdmissionMiddleware:
    """Takes requests on by their deadlines, and learns from how they ended. Probes and metrics always pass.

    Nobody knows yet what the encoder will have to do for a request, but for what others of its connection asked for: it
    is the encoder's queue that refuses, once the body is parsed, what can't be embedded in time. Here it is the event
    loop that is waited for.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, *, deadline_ms: int, most_requests: int) -> None:
        """Begin with nothing to do.

        Args:
            app: what answers.
            metrics: where to count.
            deadline_ms: of requests whose header says no shorter one.
            most_requests: in work at the same time, those that wait included.
        """
        self._app, self._metrics = app, metrics
        self._deadline_ms, self._most_requests = deadline_ms, most_requests
        self._turns, self._promises, self._margin = Turns(), Promises(), Margin()
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] not in _WORK:
            await self._app(scope, receive, send)
            return
        state = scope["state"]
        due_s = self._due_s(Headers(scope=scope), state["arrived"])
        size, habit = state.get("body_bytes", 0), state.get(HABIT) or Habit()
        self._requests += 1
        now_s = time.perf_counter()
        promised = habit.was_promised(now_s)
        try:
            alone = self._requests == 1
            if not promised and not alone:
                habit.refuse_late(size, due_s, arrived_s=state["arrived"], now_s=now_s)
            ticket = await self._admitted(size, due_s, state["arrived"], promised=promised, alone=alone)
        except ApiError as error:
            _note_promise(habit, error.headers.get("Retry-After"))
            await api_error_response(error, state["request_id"])(scope, receive, send)
        else:
            await self._answered(ticket, habit, scope, receive, send)
            habit.learn(size, ticket.units, ticket.queue)
        finally:
            self._requests -= 1

    async def _admitted(self, size: int, due_s: float, arrived_s: float, *, promised: bool, alone: bool) -> Ticket:
        """Wait for a request's turn; of one to whom it was promised, no time is kept in reserve.

        Raises:
            OverloadedError: it could not be answered in time, or too much waits.
            DeadlineExceededError: it waited for too long.
        """
        now_s = time.perf_counter()
        reserve_s = 0.0 if promised else self._margin.seconds(now_s, due_s - arrived_s)
        offer = self._turns.offer(size, due_s, now_s, reserve_s=reserve_s, alone=alone)
        if self._requests > self._most_requests:
            self._metrics.refused.labels("queue_full").inc()
            wait_s = self._promises.wait_s(max(0.0, offer.done_s - now_s), offer.own_s, now_s)
            raise OverloadedError("too many requests wait; try again later", retry_after_s=wait_s)
        if offer.late_s:
            self._metrics.refused.labels("overloaded").inc()
            raise OverloadedError(
                "this can't be answered within its deadline; try again later, or allow more time",
                retry_after_s=self._promises.wait_s(offer.late_s, offer.own_s, now_s),
            )
        self._promises.kept(offer.own_s)
        await self._turns.come(offer, size, due_s)
        waited_s = time.perf_counter() - now_s
        return Ticket(arrived_s, offer.done_s, self._margin, offer.own_s, waited_s, promised=promised, alone=alone)

    async def _answered(self, ticket: Ticket, habit: Habit, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] in _TELLING:
                    self._learn(ticket, time.perf_counter())
                elif message["status"] == HTTPStatus.TOO_MANY_REQUESTS:
                    _note_promise(habit, Headers(raw=message["headers"]).get("Retry-After"))
            await send(message)

        before = current_ticket.set(ticket)
        try:
            await self._app(scope, receive, send_observed)
        finally:
            current_ticket.reset(before)

    def _learn(self, ticket: Ticket, now_s: float) -> None:
        """The answer of a request is there."""
        predicted_s = max(_SHORTEST_S, ticket.predicted_s - ticket.arrived_s)
        ticket.margin.learn(now_s - ticket.scheduled_s, now_s)
        self._metrics.admission_ratio.observe(max(_SHORTEST_S, now_s - ticket.arrived_s) / predicted_s)
        self._metrics.wait_seconds.labels(ticket.size).observe(ticket.waited_s)

    def _due_s(self, headers: Headers, arrived_s: float) -> float:
        """When an answer is due, as far as headers say; one that is wrong is for the route to refuse."""
        try:
            said_ms = header_ms(headers)
        except InvalidHeaderError:
            said_ms = None
        return Deadline.after(said_ms, self._deadline_ms, since=arrived_s).moment_s


def _note_promise(habit: Habit, retry_after: str | None) -> None:
    if retry_after is not None:
        habit.promise(time.perf_counter() + int(retry_after))
