# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Polls objects until they reach a final status, and changes their status."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .answer import one_line
from .batch import not_succeeded
from .errors import (
    BadRequestError,
    BatchAPIError,
    ConflictError,
    MissingBatchesError,
    NotFoundError,
    PermissionDeniedError,
    UnexpectedResponseError,
    UnprocessableEntityError,
    WaitTimeoutError,
)
from .flows import Call, Emit, Flow
from .messages import Request
from .options import CallOptions
from .paging import Pages
from .polling import MAX_ODD_ANSWERS, PollSchedule
from .retrying import send_with_retries
from .spec import LifecycleSpec, PaginationSpec

T = TypeVar("T")
logger = logging.getLogger("openai_batch_client")

# With fewer pending objects, one request per object is cheaper than a page of the list.
MIN_PENDING_FOR_LIST = 3
# After this many pages in a row without a pending object, the rest is requested one by one.
MAX_IDLE_PAGES = 3


def wait(
    options: CallOptions,
    item_id: str,
    request: Request[T],
    lifecycle: LifecycleSpec,
    *,
    timeout: float,
    on_poll: Callable[[T], object] | None,
    min_delay: float,
    max_delay: float,
    raise_on_failure: bool,
) -> Flow[T]:
    """Poll an object until it reaches a final status, and return it.

    Raises:
        WaitTimeoutError: The object has not reached a final status in time.
        BatchNotSucceededError: With `raise_on_failure`, the object did not succeed.
        NotFoundError: The object was not found three times in a row.
        BatchAPIError: The first poll failed, or three in a row had odd answers.
        ValueError: A duration is negative or not a number.
    """
    schedule = PollSchedule(options, timeout, min_delay, max_delay)
    return (yield from _poll(schedule, item_id, request, lifecycle, on_poll, raise_on_failure))


def _poll(
    schedule: PollSchedule,
    item_id: str,
    request: Request[T],
    lifecycle: LifecycleSpec,
    on_poll: Callable[[T], object] | None = None,
    raise_on_failure: bool = False,
) -> Flow[T]:
    try:
        item = yield from _poll_until_final(schedule, item_id, request, lifecycle, on_poll)
        error = not_succeeded(item, operation=request.operation.id, item_id=item_id) if raise_on_failure else None
        if error is not None:
            raise error
        return item
    except BatchAPIError as error:
        error.batch_id = item_id
        raise


def _poll_until_final(
    schedule: PollSchedule,
    item_id: str,
    request: Request[T],
    lifecycle: LifecycleSpec,
    on_poll: Callable[[T], object] | None,
) -> Flow[T]:
    operation = request.operation.id
    item: T | None = None
    misses = 0
    while True:
        failure: BatchAPIError | None = None
        try:
            response = yield from send_with_retries(request, schedule.options())
        except NotFoundError as error:
            misses, failure = misses + 1, error
            if misses == MAX_ODD_ANSWERS:
                raise
        except BatchAPIError as error:
            failure = error
            if not schedule.may_pass(error):
                raise
        else:
            item, misses = response.parsed, 0
            schedule.note_answer()
            if on_poll:
                yield Call("on_poll", on_poll, item)
            if lifecycle.is_final(item):
                return item
        if schedule.is_over:
            status = "not known" if item is None else one_line(lifecycle.status(item), 100)
            message = f"{operation}: {item_id} has no final status after {schedule.timeout:g} s; its status is {status}"
            raise schedule.timeout_error(
                message, failure, operation=operation, batch=item, pending=(item_id,)
            ) from failure
        yield from schedule.pause(failure)


def wait_for_all(
    options: CallOptions,
    ids: Iterable[str],
    request: Callable[[str], Request[T]],
    lifecycle: LifecycleSpec,
    list_request: Callable[..., Request[Any]],
    pagination: PaginationSpec,
    *,
    timeout: float,
    on_poll: Callable[[T], object] | None,
    min_delay: float,
    max_delay: float,
) -> Flow[None]:
    """Emit each object when it reaches a final status. Three or more are polled with the list, fewer one by one.

    Raises:
        WaitTimeoutError: Some objects have not reached a final status in time.
        MissingBatchesError: Some objects were not found, or not shown, three times in a row. It comes last.
        BatchAPIError: The first poll failed, or three in a row had odd answers.
        ValueError: Before the first request, if `ids` is a string or a duration is negative or not a number.
    """
    schedule = PollSchedule(options, timeout, min_delay, max_delay)
    if isinstance(ids, str):
        raise ValueError(f"ids must be a list of ids, got the string {ids!r}. Nothing was sent.")
    return _Fleet(schedule, {each: request(each) for each in ids}, lifecycle, list_request, pagination, on_poll).poll()


class _Fleet:
    """The objects that one call waits for."""

    def __init__(
        self,
        schedule: PollSchedule,
        requests: Mapping[str, Request[Any]],
        lifecycle: LifecycleSpec,
        list_request: Callable[..., Request[Any]],
        pagination: PaginationSpec,
        on_poll: Callable[[Any], object] | None,
    ) -> None:
        self._schedule = schedule
        self._requests = requests
        self._lifecycle = lifecycle
        self._list_request = list_request
        self._pagination = pagination
        self._on_poll = on_poll
        self._pending = dict.fromkeys(requests, 0)
        """The ids without a final status, with the number of times in a row that each was not shown."""
        self._missing: dict[str, BatchAPIError] = {}
        """The last failure for each id that was given up."""
        self._final: list[Any] = []
        self._operation = next((each.operation.id for each in requests.values()), "")

    def poll(self) -> Flow[None]:
        """Emit the objects, and raise if some are missing or pending."""
        try:
            item: Any = None
            while self._pending:
                seen: dict[str, Any] = {}
                failure = yield from self._poll_once(seen)
                for item_id, item in seen.items():
                    self._pending[item_id] = 0
                    if self._on_poll:
                        yield Call("on_poll", self._on_poll, item)
                    if self._lifecycle.is_final(item):
                        del self._pending[item_id]
                        self._final.append(item)
                        yield Emit(item)
                if not self._pending:
                    break
                if self._schedule.is_over:
                    raise self._timeout_error(item, failure) from failure
                yield from self._schedule.pause(failure)
            if self._missing:
                raise self._missing_error()
        except BatchAPIError as error:
            error.pending = error.pending or tuple(self._pending)
            raise

    def _poll_once(self, seen: dict[str, Any]) -> Flow[BatchAPIError | None]:
        """Put the pending objects that the server shows into `seen`. Return the failure that ended the round, if any.

        Raises:
            BatchAPIError: A failure that cannot pass.
        """
        schedule, hidden = self._schedule, None
        if len(self._pending) >= MIN_PENDING_FOR_LIST:
            failure = yield from self._poll_list(seen)
            if failure is not None:
                return failure
        for item_id in [item_id for item_id in self._pending if item_id not in seen]:
            if schedule.has_no_time:
                break
            try:
                response = yield from send_with_retries(self._requests[item_id], schedule.options())
            except BatchAPIError as error:
                if _concerns_one_object(error):
                    hidden = self._note_hidden(item_id, error) or hidden
                    continue
                if not schedule.may_pass(error):
                    raise
                return error
            seen[item_id] = response.parsed
            schedule.note_answer()
        if hidden is not None and not schedule.was_answered and not isinstance(hidden, NotFoundError):
            raise hidden
        return hidden

    def _note_hidden(self, item_id: str, error: BatchAPIError) -> BatchAPIError | None:
        """Count how often an object was not shown, and give it up the third time. Return the error until then."""
        self._pending[item_id] += 1
        if self._pending[item_id] < MAX_ODD_ANSWERS:
            return error
        del self._pending[item_id]
        self._missing[item_id] = error
        logger.warning("%s is not waited for any longer: %s", item_id, error)
        return None

    def _poll_list(self, seen: dict[str, Any]) -> Flow[BatchAPIError | None]:
        """Put pending objects of the list into `seen`. Return the failure that ended the search, if any."""
        pagination, schedule, pending = self._pagination, self._schedule, self._pending
        pages = Pages(schedule.options(), pagination, self._list_request, pagination.largest_page)
        idle_pages, pages_left = 0, len(pending) // pagination.largest_page + 1 + MAX_IDLE_PAGES
        while not pages.ended and len(seen) < len(pending) and idle_pages < MAX_IDLE_PAGES and pages_left:
            if schedule.has_no_time:
                break
            try:
                items = yield from pages.next(schedule.options())
            except BatchAPIError as error:
                if not schedule.may_pass(error):
                    raise
                return error
            schedule.note_answer()
            found = {getattr(item, pagination.item_id): item for item in items}
            found = {item_id: item for item_id, item in found.items() if item_id in pending}
            seen.update(found)
            idle_pages, pages_left = 0 if found else idle_pages + 1, pages_left - 1
        return None

    def _timeout_error(self, item: Any, failure: BatchAPIError | None) -> WaitTimeoutError:
        message = f"{self._operation}: {len(self._pending)} have no final status after {self._schedule.timeout:g} s"
        if self._missing:
            message += f", and these were not found: {_named(self._missing)}"
        return self._schedule.timeout_error(
            message,
            failure,
            operation=self._operation,
            batch=item,
            pending=tuple(self._pending),
            missing=tuple(self._missing),
        )

    def _missing_error(self) -> MissingBatchesError:
        error = next(iter(self._missing.values()))
        reason = str(error).removeprefix(f"{self._operation}: ")
        missing = MissingBatchesError(
            f"{self._operation}: {_named(self._missing)} not found, or not shown, {MAX_ODD_ANSWERS} times in a row: "
            f"{reason}",
            operation=self._operation,
            failures=self._missing,
            batches=tuple(self._final),
        )
        missing.__cause__ = error
        return missing


def _concerns_one_object(error: BatchAPIError) -> bool:
    """Whether the server refused one object, or answered with another object. Other objects may be shown."""
    refused = (BadRequestError, PermissionDeniedError, NotFoundError, UnprocessableEntityError)
    return isinstance(error, refused) or (isinstance(error, UnexpectedResponseError) and error.field is not None)


def _named(ids: Iterable[str]) -> str:
    """The ids for a message."""
    shown = [one_line(each, 100) for each in ids]
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return f"{', '.join(shown[:10])}{more}"


def transition(
    options: CallOptions,
    item_id: str,
    request: Request[T],
    current: Request[T],
    lifecycle: LifecycleSpec,
    *,
    target: str,
    wait: bool,
) -> Flow[T]:
    """Request a change of status. A refusal is ignored if the object has the target status or a final status.

    Args:
        options: The options of the call. With `wait`, its timeout is the seconds for the whole wait.
        item_id: The id of the object.
        request: The request that changes the status.
        current: The request that retrieves the object.
        lifecycle: x-lifecycle of the contract.
        target: The status after the change.
        wait: Whether to wait for a final status.
    """
    if not wait:
        return (yield from _change_status(options, request, current, lifecycle, target))
    if isinstance(options.timeout, bool) or not isinstance(options.timeout, (int, float)):
        raise ValueError("wait=True needs a timeout in seconds. Nothing was sent.")
    schedule = PollSchedule(options._replace(timeout=None), options.timeout)
    try:
        limited = schedule.options()._replace(retry_budget=min(options.retry_budget, options.timeout))
        item = yield from _change_status(limited, request, current, lifecycle, target)
    except BatchAPIError as error:
        error.batch_id = item_id
        raise
    if lifecycle.is_final(item):
        return item
    return (yield from _poll(schedule, item_id, current, lifecycle))


def _change_status(
    options: CallOptions, request: Request[T], current: Request[T], lifecycle: LifecycleSpec, target: str
) -> Flow[T]:
    try:
        response = yield from send_with_retries(request, options)
        return response.parsed
    except (BadRequestError, ConflictError, UnprocessableEntityError) as error:
        refusal = error
    try:
        response = yield from send_with_retries(current, options)
    except BatchAPIError:
        raise refusal from None
    item = response.parsed
    if lifecycle.is_final(item) or lifecycle.status(item) == target:
        return item
    raise refusal
