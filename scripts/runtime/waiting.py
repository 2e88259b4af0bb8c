"""Polls objects until they reach a final status, and changes their status."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .batch import not_succeeded
from .errors import BadRequestError, BatchAPIError, ConflictError, NotFoundError, UnprocessableEntityError
from .flows import Emit, Flow
from .messages import Request
from .paging import Pages
from .polling import PollSchedule, is_transient
from .retrying import RetryPolicy, send_with_retries
from .spec import LifecycleSpec, PaginationSpec

T = TypeVar("T")

# With fewer pending objects, one request per object is cheaper than a page of the list.
MIN_PENDING_FOR_LIST = 3
# After this many pages in a row without a pending object, the rest is requested one by one.
MAX_IDLE_PAGES = 3
# An object that is not found this many times in a row does not exist.
MAX_MISSES = 3


def wait(
    policy: RetryPolicy,
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
        NotFoundError: The object was not found several times in a row.
        ValueError: A duration is negative or not a number.
    """
    schedule = PollSchedule(policy, timeout, min_delay, max_delay)
    return (yield from _poll(schedule, item_id, request, lifecycle, on_poll, raise_on_failure))


def _poll(
    schedule: PollSchedule,
    item_id: str,
    request: Request[T],
    lifecycle: LifecycleSpec,
    on_poll: Callable[[T], object] | None = None,
    raise_on_failure: bool = False,
) -> Flow[T]:
    operation = request.operation.id
    item: T | None = None
    failure: BatchAPIError | None = None
    misses = 0
    while True:
        try:
            response = yield from send_with_retries(request, schedule.policy, schedule.request_timeout())
        except NotFoundError as error:
            misses, failure = misses + 1, error
            if misses == MAX_MISSES:
                raise
        except BatchAPIError as error:
            if not is_transient(error):
                raise
            failure = error
        else:
            item, failure, misses = response.parsed, None, 0
            if on_poll:
                on_poll(item)
            if lifecycle.is_final(item):
                if raise_on_failure and not lifecycle.is_success(item):
                    status = lifecycle.status(item)
                    raise not_succeeded(status)(f"{operation}: {item_id} is {status}", operation=operation, batch=item)
                return item
        if schedule.is_over:
            status = "not known" if item is None else lifecycle.status(item)
            message = f"{operation}: {item_id} has no final status after {schedule.timeout:g} s; its status is {status}"
            raise schedule.timeout_error(
                message, failure, operation=operation, batch=item, pending=(item_id,)
            ) from failure
        yield from schedule.pause(failure)


def wait_for_all(
    policy: RetryPolicy,
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
        NotFoundError: An object was not found several times in a row.
        ValueError: Before the first request, if `ids` is a string or a duration is negative or not a number.
    """
    schedule = PollSchedule(policy, timeout, min_delay, max_delay)
    if isinstance(ids, str):
        raise ValueError(f"ids must be a list of ids, got the string {ids!r}. Nothing was sent.")
    pending_misses = dict.fromkeys(ids, 0)
    return _poll_all(schedule, pending_misses, request, lifecycle, list_request, pagination, on_poll)


def _poll_all(
    schedule: PollSchedule,
    pending_misses: dict[str, int],
    request: Callable[[str], Request[T]],
    lifecycle: LifecycleSpec,
    list_request: Callable[..., Request[Any]],
    pagination: PaginationSpec,
    on_poll: Callable[[T], object] | None,
) -> Flow[None]:
    """`pending_misses` maps each pending id to its number of consecutive misses."""
    item: Any = None
    operation = ""
    while pending_misses:
        failure: BatchAPIError | None = None
        seen: dict[str, Any] = {}
        if len(pending_misses) >= MIN_PENDING_FOR_LIST:
            pages = Pages(schedule.policy, pagination, list_request, pagination.largest_page)
            failure = yield from _poll_list(pages, pagination, pending_misses, seen, schedule)
        for item_id in [item_id for item_id in pending_misses if item_id not in seen] if failure is None else []:
            single = request(item_id)
            operation = single.operation.id
            try:
                response = yield from send_with_retries(single, schedule.policy, schedule.request_timeout())
                seen[item_id] = response.parsed
            except NotFoundError:
                pending_misses[item_id] += 1
                if pending_misses[item_id] == MAX_MISSES:
                    raise
            except BatchAPIError as error:
                if not is_transient(error):
                    raise
                failure = error
                break
        for item_id, item in seen.items():
            pending_misses[item_id] = 0
            if on_poll:
                on_poll(item)
            if lifecycle.is_final(item):
                del pending_misses[item_id]
                yield Emit(item)
        if not pending_misses:
            return
        if schedule.is_over:
            message = f"{len(pending_misses)} have no final status after {schedule.timeout:g} s"
            raise schedule.timeout_error(
                message, failure, operation=operation, batch=item, pending=tuple(pending_misses)
            ) from failure
        yield from schedule.pause(failure)


def _poll_list(
    pages: Pages,
    pagination: PaginationSpec,
    pending: Mapping[str, int],
    seen: dict[str, Any],
    schedule: PollSchedule,
) -> Flow[BatchAPIError | None]:
    """Put pending items from the list into `seen`. Return the transient error that ended the search, if any."""
    idle_pages, pages_left = 0, len(pending) // pagination.largest_page + 1 + MAX_IDLE_PAGES
    while not pages.ended and len(seen) < len(pending) and idle_pages < MAX_IDLE_PAGES and pages_left:
        try:
            items = yield from pages.next(schedule.request_timeout())
        except BatchAPIError as error:
            if not is_transient(error):
                raise
            return error
        found = {getattr(item, pagination.item_id): item for item in items}
        found = {item_id: item for item_id, item in found.items() if item_id in pending}
        seen.update(found)
        idle_pages, pages_left = 0 if found else idle_pages + 1, pages_left - 1
    return None


def transition(
    policy: RetryPolicy,
    item_id: str,
    request: Request[T],
    current: Request[T],
    lifecycle: LifecycleSpec,
    *,
    target: str,
    wait: bool,
    timeout: Any,
) -> Flow[T]:
    """Request a change of status. A refusal is ignored if the object has the target status or a final status.

    Args:
        policy: The retries of the client.
        item_id: The id of the object.
        request: The request that changes the status.
        current: The request that retrieves the object.
        lifecycle: x-lifecycle of the contract.
        target: The status after the change.
        wait: Whether to wait for a final status.
        timeout: With `wait`, seconds for the whole wait. Otherwise the timeout of each request: seconds, an
            httpx.Timeout, or None for the client's timeout.
    """
    if wait and not isinstance(timeout, (int, float)):
        raise ValueError("wait needs a timeout in seconds. Nothing was sent.")
    schedule = PollSchedule(policy, timeout) if wait else None
    item = yield from _change_status(policy, request, current, lifecycle, target, None if wait else timeout)
    if schedule is None or lifecycle.is_final(item):
        return item
    return (yield from _poll(schedule, item_id, current, lifecycle))


def _change_status(
    policy: RetryPolicy, request: Request[T], current: Request[T], lifecycle: LifecycleSpec, target: str, timeout: Any
) -> Flow[T]:
    try:
        response = yield from send_with_retries(request, policy, timeout)
        return response.parsed
    except (BadRequestError, ConflictError, UnprocessableEntityError) as error:
        refusal = error
    try:
        response = yield from send_with_retries(current, policy, timeout)
    except BatchAPIError:
        raise refusal from None
    item = response.parsed
    if lifecycle.is_final(item) or lifecycle.status(item) == target:
        return item
    raise refusal
