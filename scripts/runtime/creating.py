"""Creates an object at most once: stores an idempotency token in the object, and searches the list for the token."""

from collections.abc import Callable
from typing import Any, TypeVar

from .errors import BatchAPIError, CreateOutcomeUnknownError
from .flows import Flow, Sleep
from .messages import Request, Response
from .retrying import RetryPolicy, retry_delay, send_with_retries
from .spec import CreateOnceSpec, PaginationSpec

T = TypeVar("T")

# The server's clock may be this much behind ours.
CLOCK_SKEW_SECONDS = 300.0
REUSE_SECONDS = 7 * 86400.0


def create_once(
    policy: RetryPolicy,
    request: Request[T],
    spec: CreateOnceSpec,
    list_request: Callable[..., Request[Any]],
    pagination: PaginationSpec,
    *,
    key: str | None,
    reuse: bool,
    timeout: Any,
) -> Flow[T]:
    """Create an object, or return the object that was created with the same key.

    Without a key the request is sent as it is. With a key, the list is searched before each further attempt.

    Args:
        policy: The retries of the client.
        request: The create request.
        spec: x-create-once of the contract.
        list_request: Makes the request for one page of the list.
        pagination: x-pagination of the contract.
        key: The idempotency token.
        reuse: Whether the list is also searched before the first attempt.
        timeout: The timeout of each request: seconds, an httpx.Timeout, or None for the client's timeout.

    Raises:
        CreateOutcomeUnknownError: The object may have been created.
        ValueError: The key does not fit, or `reuse` is set without a key.
    """
    if key is None:
        if reuse:
            raise ValueError("reuse needs an idempotency_key. Nothing was sent.")
        response: Response[T] = yield from send_with_retries(request, policy, timeout)
        return response.parsed
    request = request._replace(json=spec.with_token(request.json, key))
    began = policy.clock.now()
    deadline = policy.clock.monotonic() + policy.budget

    def find(since: float) -> Flow[T | None]:
        # Imported here because most creates do not search the list.
        from .paging import Pages, to_seconds

        pages = Pages(policy, pagination, list_request, pagination.largest_page)
        while not pages.ended:
            for item in (yield from pages.next(timeout)):
                moment = to_seconds(getattr(item, pagination.ordered_by))
                if pagination.descending and moment is not None and moment < since:
                    return None
                if spec.matches(item.to_dict(), request.json):
                    match: T = item
                    return match
        return None

    if reuse:
        earlier = yield from find(began - REUSE_SECONDS)
        if earlier is not None:
            return earlier
    attempts = 0
    while True:
        try:
            response = yield from send_with_retries(request, policy, timeout)
            return response.parsed
        except CreateOutcomeUnknownError as error:
            attempts += 1
            error.attempts = attempts
            unknown = error
        try:
            found = yield from find(began - CLOCK_SKEW_SECONDS)
        except BatchAPIError as error:
            unknown.add_note(f"The search for the object also failed: {error}")
            raise unknown from unknown.__cause__
        if found is not None:
            return found
        delay = retry_delay(unknown, attempts, policy.clock)
        if policy.clock.monotonic() + delay > deadline:
            raise unknown from unknown.__cause__
        policy.notify(request.operation.id, attempts, delay, unknown)
        yield Sleep(delay)
