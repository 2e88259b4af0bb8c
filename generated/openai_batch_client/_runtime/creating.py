# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Creates an object once: stores an idempotency key in the object, and looks for the key before each create request.

The client compares ids, and neither clocks nor positions in the list. An object is new if no earlier look listed it.
"""

import logging
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from .answer import one_line
from .clock import Clock, validate_seconds
from .errors import (
    APIConnectionError,
    APIStatusError,
    BatchAPIError,
    CreateOutcomeUnknownError,
    DuplicateBatchError,
    IdempotencyConflictError,
    MetadataNotKeptError,
    NotFoundError,
    PaginationError,
    PermissionDeniedError,
    UnexpectedResponseError,
)
from .flows import Flow, Send, Sleep
from .listing import MARGIN_SECONDS, Listing, Service, value_at
from .looking import Look, Object, Wanted
from .messages import Request, Response
from .options import CallOptions
from .polling import is_transient
from .retrying import is_ambiguous, is_refusal, is_retryable, report_retry, retry_delay, send_with_retries
from .sharing import share
from .stamp import Stamp

T = TypeVar("T")
logger = logging.getLogger("openai_batch_client")

# The number of create requests of one call that the server may have received.
MAX_REQUESTS = 8
# The next look may not have these problems.
PASSING = (CreateOutcomeUnknownError, PaginationError, UnexpectedResponseError)
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 8.0


class Completion(NamedTuple, Generic[T]):
    """How a request is completed that needs other requests first, such as the upload of a file."""

    identity: Any
    """What makes two calls the same, as JSON. The digest of the stamp covers it."""
    request: Callable[[], Flow[Request[T]]]
    """Returns the flow that makes the request."""


def create_once(
    options: CallOptions,
    listings: dict[str, Listing],
    account: int,
    request: Request[T],
    service: Service[Any],
    *,
    key: str | None,
    restartable: bool,
    settling_time: float | None,
    max_age: float,
    complete: Completion[T] | None = None,
) -> Flow[T]:
    """Create an object, or return the object that has the same key.

    Args:
        options: The options of the call.
        listings: What the client has learned about the list of each create operation.
        account: A hash of the URL and the credentials.
        request: The create request.
        service: The operations and facts for keys.
        key: The idempotency key, or None.
        restartable: Whether `settling_time` passes before the first create request, so that the list shows what an
            earlier process created.
        settling_time: Seconds in which a created object is listed; None means that this is not known.
        max_age: Seconds before the newest object in which the key is looked for.
        complete: How the request is completed once it is known that no object has the key.

    Raises:
        CreateOutcomeUnknownError: The object may have been created.
        IdempotencyConflictError: The key belongs to an object with other arguments.
        DuplicateBatchError: Several objects have the key.
        MetadataNotKeptError: The service does not store the key.
        ValueError: An argument is not valid. Nothing was sent.
    """
    if key is None:
        if restartable:
            raise ValueError("restartable needs an idempotency_key. Nothing was sent.")
        if complete is not None:
            request = yield from complete.request()
        response: Response[T] = yield from send_with_retries(request, options)
        _compare_with_request(request, service, response.parsed)
        return response.parsed
    if settling_time is None and restartable:
        raise ValueError("restartable needs a settling_time in seconds. Nothing was sent.")
    if settling_time is not None and validate_seconds("settling_time", settling_time) == float("inf"):
        raise ValueError("settling_time must be finite; None means that no create is repeated. Nothing was sent.")
    validate_seconds("max_age", max_age)
    stamp = Stamp.make(service.spec.without_null(request.json if complete is None else complete.identity))
    service.spec.validate_token(key)

    def marked(unmarked: Request[T]) -> Request[T]:
        return unmarked._replace(json=service.spec.with_token(unmarked.json, key, str(stamp)))

    def completed() -> Flow[Request[T]]:
        return marked((yield from complete.request()) if complete is not None else request)

    operation = request.operation.id
    look = Look(options, listings.setdefault(operation, Listing()), service, operation, key, max_age)
    create = _Create(look, marked(request), completed, complete is None, stamp, restartable, settling_time)
    (item, digest), is_own = yield from share((account, operation, key), create.run, lambda: create.sent_until)
    if not is_own and digest != stamp.digest:
        raise look.conflict(item)
    result: T = item
    return result


def find(
    options: CallOptions,
    listings: dict[str, Listing],
    service: Service[Any],
    *,
    operation: str,
    key: str,
    max_age: float,
) -> Flow[Any]:
    """Return the object with a key, or None. Nothing is created.

    Args:
        options: The options of the call.
        listings: What the client has learned about the list of each create operation.
        service: The operations and facts for keys.
        operation: The id of the create operation.
        key: The idempotency key.
        max_age: Seconds before the newest object in which the key is looked for.

    Raises:
        BatchAPIError: The list could not be read as a whole.
        ValueError: An argument is not valid. Nothing was sent.
    """
    service.spec.validate_token(key)
    validate_seconds("max_age", max_age)
    listing = listings.setdefault(operation, Listing())
    look = Look(options, listing, service, operation, key, max_age)
    began = options.clock.monotonic()
    yield from look.read()
    yield from look.learn_whether_list_hides_metadata()
    yield from look.retrieve_candidates(None)
    objects = yield from look.objects()
    if not objects:
        listing.first_looks.setdefault(key, began)
    return look.first_live(objects).item if objects else None


class _Pauses:
    """The pauses between looks. They grow, and end at a time in monotonic seconds."""

    def __init__(self, clock: Clock, end: float) -> None:
        self._clock = clock
        self._end = end
        self._longest = FIRST_PAUSE_SECONDS

    def next(self) -> Sleep:
        """The next pause."""
        seconds = min(self._longest, max(self._end - self._clock.monotonic(), 0.0))
        self._longest = min(self._longest * 2, LONGEST_PAUSE_SECONDS)
        return Sleep(seconds)


class _Create(Generic[T]):
    """One call with a key."""

    def __init__(
        self,
        look: Look,
        request: Request[T],
        completed: Callable[[], Flow[Request[T]]],
        is_complete: bool,
        stamp: Stamp,
        restartable: bool,
        settling_time: float | None,
    ) -> None:
        self.sent_until: float | None = None
        """When the last request ended that may have created an object, in monotonic seconds."""
        self._wanted = Wanted(look.service, request.json, stamp)
        self._look = look
        self._listing = look.listing
        self._clock = look.options.clock
        self._request = request
        self._completed = completed
        self._is_complete = is_complete
        self._stamp = stamp
        self._restartable = restartable
        self._settling_time = settling_time
        self._sending: Send[T] | None = None
        self._requests = 0
        self._floor: float | None = None
        self._created: str | None = None

    def run(self, earlier: float | None) -> Flow[tuple[Any, str]]:
        """Look for the key, and create the object if the key is not found.

        Args:
            earlier: When another thread or task of this process sent a create with the key that failed, in monotonic
                seconds, or None.

        Returns:
            The object, and the digest of the arguments.
        """
        try:
            item = yield from self._run(earlier)
        except BatchAPIError:
            self._remember_request()
            raise
        except BaseException as error:
            if self._sending is not None and self._sending.started:
                self.sent_until = self._clock.monotonic()
            self._remember_request()
            if self._created is not None:
                error.add_note(f"{self._look.operation}: {self._created} was created.")
            elif self.sent_until is not None:
                error.add_note(
                    f"{self._look.operation}: an object with the idempotency key {self._look.key!r} may exist. "
                    "Call the method again with the same key, or look for the key, to find it."
                )
            raise
        self._listing.unsettled.pop(self._look.key, None)
        return item, self._stamp.digest

    def _remember_request(self) -> None:
        if self.sent_until is not None:
            self._listing.unsettled[self._look.key] = self.sent_until

    def _run(self, earlier: float | None) -> Flow[Any]:
        look, listing = self._look, self._listing
        if not listing.keeps_metadata:
            raise self._metadata_error(None)
        began = self._clock.monotonic()
        try:
            yield from look.read()
            if self._restartable:
                yield from look.learn_whether_list_hides_metadata()
            found = yield from self._find()
        except (CreateOutcomeUnknownError, IdempotencyConflictError):
            raise
        except BatchAPIError as error:
            raise _with_advice(error, self._look.operation) from error.__cause__
        if found is not None:
            return found.item
        look.known = frozenset(listing.listed)
        self._floor = None if listing.newest is None else listing.newest - MARGIN_SECONDS
        if earlier is None:
            earlier = listing.unsettled.get(look.key)
        settled_at = began
        if self._settling_time is not None:
            if self._restartable:
                settled_at = min(began, listing.first_looks.pop(look.key, began)) + self._settling_time
            if earlier is not None:
                settled_at = max(settled_at, earlier + self._settling_time)
        elif earlier is not None:
            raise self._unknown("an earlier call sent the request, and its outcome is unknown", None)
        self._request = yield from self._completed()
        self._is_complete = True
        self._wanted = Wanted(look.service, self._request.json, self._stamp)
        if (pause := settled_at - self._clock.monotonic()) > 0:
            message = "%s: looking for the idempotency key for %.0f s before the create (settling_time)"
            logger.info(message, look.operation, pause)
        found = yield from self._look_until(settled_at, began)
        return found.item if found is not None else (yield from self._send())

    def _find(self, only_new: bool = False) -> Flow[Object | None]:
        """The object with the key and the digest, or None.

        Raises:
            IdempotencyConflictError: The key belongs to an object with other arguments.
            CreateOutcomeUnknownError: An object may have the key, and the service does not show it.
        """
        look = self._look
        unclear = yield from look.retrieve_candidates(self._wanted, only_new)
        objects = yield from look.objects()
        if not objects:
            if unclear:
                raise self._unknown(
                    "the service does not show whether an object has the idempotency key", None, unclear
                )
            return None
        first = look.first_live(objects)
        if not self._wanted.has_same_arguments(first):
            raise look.conflict(first.item)
        if first.entry.rewritable != self._wanted.rewritable and self._is_complete:
            logger.warning(
                "%s has the idempotency key and the arguments of this call, but other values in %s",
                first.entry.id,
                ", ".join(".".join(path) for path in look.service.spec.rewritable),
            )
        return first

    def _look_until(self, end: float, began: float) -> Flow[Object | None]:
        """Look at growing intervals, until a look begins at `end` or later. Return the object, or None.

        Args:
            end: In monotonic seconds.
            began: When the last look began. A look that takes long may end later than `end` and prove nothing.
        """
        pauses = _Pauses(self._clock, end)
        while began < end:
            yield pauses.next()
            began = self._clock.monotonic()
            yield from self._look.read(self._floor)
            found = yield from self._find(only_new=True)
            if found is not None:
                return found
        return None

    def _send(self) -> Flow[Any]:
        """Send the create request until its outcome is known."""
        options, operation = self._look.options, self._request.operation
        deadline = self._clock.monotonic() + options.retry_budget
        attempts = 0
        while True:
            outcome = yield from self._attempt()
            if isinstance(outcome, Object):
                return (yield from self._check_created(outcome))
            failure, is_unclear = outcome
            attempts += 1
            failure.attempts = attempts
            if is_unclear:
                self.sent_until = self._clock.monotonic()
                self._requests += 1
                found = yield from self._look_after_failure(failure)
                if found is not None:
                    return (yield from self._resolve_duplicates(found.item))
                delay = 0.0
                logger.info("%s; the list does not contain the object, trying again", failure)
            else:
                refused = isinstance(failure, APIStatusError)
                may_retry = options.retry_budget > 0 and is_retryable(operation, failure)
                if refused and self._settling_time is None:
                    may_retry = False
                delay = retry_delay(failure, attempts, self._clock) if may_retry else 0.0
                if not may_retry or self._clock.monotonic() + delay > deadline:
                    raise failure
                logger.info("%s; trying again in %.1f s", failure, delay)
            yield from report_retry(options, operation.id, attempts, delay, failure)
            self.sent_until = None
            yield Sleep(delay)
            if isinstance(failure, APIStatusError) and is_refusal(failure):
                yield from self._look.read(self._floor)
                found = yield from self._find(only_new=True)
                if found is not None:
                    return found.item

    def _look_after_failure(self, failure: BatchAPIError) -> Flow[Object | None]:
        """Look until the object is found, or until the settling time has passed. Return None if it does not exist.

        Raises:
            CreateOutcomeUnknownError: The object may exist.
        """
        look, settling_time = self._look, self._settling_time
        assert self.sent_until is not None
        end = self.sent_until + (settling_time or 0.0)
        pauses = _Pauses(self._clock, end)
        while True:
            problem: BatchAPIError | None = None
            found: Object | None = None
            # A look that began before the end proves nothing, even if it ends later.
            is_last = self._clock.monotonic() >= end
            try:
                yield from look.read(self._floor)
                found = yield from self._find(only_new=True)
            except IdempotencyConflictError:
                raise
            except BatchAPIError as error:
                problem = error
            # The object of another process may hide that the request of this call has created an object, too.
            if found is not None and (found.entry.stamp.call == self._stamp.call or is_last):
                return found
            if problem is not None and not isinstance(problem, PASSING) and not is_transient(problem):
                raise self._unknown("the list could not be read", failure, problem=problem)
            if is_last:
                break
            yield pauses.next()
        if problem is not None:
            candidates = problem.candidates if isinstance(problem, CreateOutcomeUnknownError) else ()
            raise self._unknown("the list does not tell", failure, candidates, problem)
        if settling_time is None:
            raise self._unknown("the list does not show the object yet, and settling_time is None", failure)
        if self._listing.lag > settling_time:
            reason = f"an earlier object was not listed for {self._listing.lag:.0f} s, which is more than settling_time"
            raise self._unknown(reason, failure)
        if isinstance(failure, APIConnectionError) and failure.permanent:
            raise self._unknown("the request failed in a way that does not pass", failure)
        if self._requests >= MAX_REQUESTS:
            raise self._unknown(f"{self._requests} requests failed, and the list shows no object", failure)
        return None

    def _attempt(self) -> Flow["Object | tuple[BatchAPIError, bool]"]:
        """Send the request once. Return the object, or the failure and whether the object may exist."""
        self._sending = Send(self._request, self._look.options)
        try:
            response: Response[T] = yield self._sending
        except BatchAPIError as error:
            self._sending = None
            return error, is_ambiguous(error)
        self._sending = None
        try:
            return self._read_answer(response.parsed)
        except BatchAPIError as error:
            return error, True

    def _read_answer(self, item: T) -> Object:
        operation = self._look.operation
        created = self._look.read_object(item, operation)
        if created.entry.token not in (None, self._look.key):
            raise BatchAPIError(f"{operation}: the answer is about another object", operation=operation)
        return created

    def _check_created(self, created: Object) -> Flow[Any]:
        """Check that the service stored the key, and look for another object with the key."""
        look, listing = self._look, self._listing
        item_id = created.entry.id
        self._created = item_id
        if created.entry.token is None:
            retrieved = yield from look.retrieve(item_id)
            if retrieved is None or retrieved.entry.token != look.key:
                listing.keeps_metadata = False
                raise self._metadata_error(created.item)
        _compare_with_request(self._request, look.service, created.item)
        answered = self._clock.monotonic()
        listing.unlisted[item_id] = answered
        try:
            yield from look.read()
            # After a repeated request, the list proves something only if it shows the created object in time.
            if self._requests:
                yield from self._wait_until_listed(item_id, answered)
            return (yield from self._resolve_duplicates(created.item))
        except (CreateOutcomeUnknownError, DuplicateBatchError):
            raise
        except BatchAPIError as error:
            logger.warning(
                "%s: %s was created, but the search for a duplicate failed: %s", look.operation, item_id, error
            )
        return created.item

    def _wait_until_listed(self, item_id: str, answered: float) -> Flow[None]:
        end = answered + (self._settling_time or 0.0)
        began, pauses = answered, _Pauses(self._clock, end)
        while item_id not in self._listing.listed:
            if began >= end:
                raise self._unknown(
                    f"{item_id} was created, but is not listed. So an earlier request may have created an object, too",
                    None,
                    (item_id,),
                )
            yield pauses.next()
            began = self._clock.monotonic()
            yield from self._look.read(self._floor)

    def _resolve_duplicates(self, item: Any) -> Flow[Any]:
        """Cancel the object of this call, unless it is the first live object. Return the first live object.

        If it is the first, the calls of other processes have to cancel theirs. A call that has ended does not.

        Raises:
            DuplicateBatchError: Several objects stay alive.
        """
        look, lifecycle = self._look, self._look.service.lifecycle
        end = self._clock.monotonic() + (self._settling_time or 0.0)
        pauses = _Pauses(self._clock, end)
        while True:
            ids = [entry.id for entry in look.listing.with_token(look.key, look.max_age)]
            if len(ids) < 2:
                return item
            try:
                objects = yield from look.objects()
            except BatchAPIError as error:
                raise self._duplicate(ids, [item]) from error
            live = [each for each in objects if each.may_succeed]
            own = [each for each in live if each.entry.stamp.call == self._stamp.call]
            if not own or len(live) < 2:
                return look.first_live(objects).item if objects else item
            first = live[0]
            for each in own:
                if each is first:
                    continue
                if not self._wanted.has_same_arguments(first) or not lifecycle.is_initial(each.item):
                    raise self._duplicate(ids, [each.item for each in live])
                request = look.service.cancel_request(each.entry.id)
                try:
                    response = yield from send_with_retries(request, look.options)
                except BatchAPIError as error:
                    raise self._duplicate(ids, [each.item for each in live]) from error
                if lifecycle.may_succeed(response.parsed):
                    raise self._duplicate(ids, [each.item for each in live])
                logger.warning("%s: cancelled %s, a duplicate of %s", look.operation, each.entry.id, first.entry.id)
            if first not in own:
                return first.item
            if self._clock.monotonic() >= end:
                raise self._duplicate(ids, [each.item for each in live])
            yield pauses.next()

    def _duplicate(self, ids: list[str], items: list[Any]) -> DuplicateBatchError:
        operation = self._look.operation
        message = (
            f"{operation}: {' and '.join(ids)} have the idempotency key {self._look.key!r}, and the client cannot "
            "cancel any of them. Cancel those that you do not need."
        )
        return DuplicateBatchError(message, operation=operation, batches=tuple(items))

    def _metadata_error(self, item: Any) -> MetadataNotKeptError:
        operation = self._look.operation
        message = (
            f"{operation}: the service does not store the idempotency key, so that the client cannot find the object. "
            "Nothing was sent. Create without a key."
            if item is None
            else f"{operation}: {self._created} was created, but the service did not store the idempotency key. "
            "Keep the id. Create without a key in future."
        )
        return MetadataNotKeptError(message, operation=operation, batch=item)

    def _unknown(
        self,
        reason: str,
        failure: BatchAPIError | None,
        candidates: tuple[str, ...] = (),
        problem: BatchAPIError | None = None,
    ) -> CreateOutcomeUnknownError:
        """The exception for an outcome that is not known. `problem` is why the list could not be read."""
        operation = self._look.operation
        named = f" Candidates: {', '.join(candidates[:10])}." if candidates else ""
        if candidates and failure is None:
            # No later look tells more, unless another object shows that the service does show metadata.
            fields = ", ".join(".".join(path) for path in self._look.service.spec.same)
            named += f" If a candidate is the object of this call, use it; otherwise change a value of {fields}."
        error = CreateOutcomeUnknownError(
            f"{operation}: an object with the idempotency key {self._look.key!r} may exist: {reason}."
            f"{f' The request failed: {failure}.' if failure else ''}{named} "
            "Call the method again with the same key later; it then looks for the object.",
            operation=operation,
            candidates=candidates,
        )
        error.attempts = self._requests
        if problem is not None and not isinstance(problem, CreateOutcomeUnknownError):
            error.add_note(f"The search for the object also failed: {problem}")
        error.__cause__ = failure.__cause__ if failure is not None and failure.__cause__ is not None else failure
        return error


def _compare_with_request(request: Request[Any], service: Service[Any], item: Any) -> None:
    """Log which values of a created object differ from the request. Some services rewrite values."""
    document = item.to_dict()
    paths = [*service.spec.same, *service.spec.rewritable]
    shown = {path: value_at(document, path) for path in paths}
    changed = [".".join(path) for path in paths if shown[path] not in (None, value_at(request.json, path))]
    if changed:
        item_id = one_line(str(getattr(item, service.pagination.item_id)), 100)
        operation = request.operation.id
        logger.warning("%s: the answer %s has other values than the request in %s", operation, item_id, changed)


def _with_advice(error: BatchAPIError, operation: str) -> BatchAPIError:
    """The failure of the first look, with a sentence about creating with a key."""
    advice = f"{operation} with an idempotency key first lists the objects. Nothing was created."
    if isinstance(error, NotFoundError):
        advice += " Does base_url end with the path of the API, such as /v1?"
    if isinstance(error, PermissionDeniedError):
        advice += f" The API key needs the permission to list ({error.operation})."
    error.args = (f"{str(error).removesuffix('.')}. {advice}",)
    return error
