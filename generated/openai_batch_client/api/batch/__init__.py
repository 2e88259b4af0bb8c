# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""Large sets of requests that are processed together, asynchronously."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from ... import _runtime, models
from ..._runtime.client import AsyncClient, Client
from ..._runtime.settings import Timeout
from . import cancel_batch, create_batch, list_batches, retrieve_batch


class BatchAPI(Client):
    """Large sets of requests that are processed together, asynchronously.

    Close it, or use it as a context manager, to close its connections.
    """

    _default_base_url = "https://api.openai.com/v1"
    _user_agent = "openai-batch-client/0.1.0"

    def create_batch(
        self,
        *,
        input_file_id: str,
        endpoint: models.BatchEndpoint,
        completion_window: models.BatchCompletionWindow,
        metadata: models.Metadata | None = None,
        output_expires_after: models.BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        reuse: bool = False,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Create a batch from an uploaded file of requests.

        The service validates the file, then processes its requests within the completion window. It returns
        the new batch immediately, normally with the status `validating`.

        An answer that is lost does not tell whether the server has acted. Without a key the outcome is then
        reported as unknown, and nothing is repeated. With a key it is looked for in the list before it is
        tried again. Two limits remain: two processes that use one key at the same moment can create two,
        and so can a list that lags behind.

        Args:
            input_file_id: The id of a file that was uploaded with the purpose `batch`. The file contains
                one JSON request per line, at most 50,000 lines and 200 MB.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch.
            output_expires_after: The lifetime of the output file and the error file. By default, they do
                not expire.
            idempotency_key: A name for this one creation, kept in metadata.idempotency_key, at most 512
                characters.
            reuse: With a key: whether to look before the first attempt, too, up to seven days back, and
                return what was created under this key with the same input_file_id, whatever became of it.
                For jobs that may be started again.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
            CreateOutcomeUnknownError: It is not known whether the server acted.
            ValueError: The key is too long, or what holds it is full. Nothing was sent.
        """
        body = models.CreateBatchRequest(
            input_file_id=input_file_id,
            endpoint=endpoint,
            completion_window=completion_window,
            metadata=metadata,
            output_expires_after=output_expires_after,
        )
        request = create_batch.request(body=body)
        if idempotency_key is None:
            if reuse:
                raise ValueError("reuse needs an idempotency_key; nothing was sent")
            response = self.send(request, timeout=timeout)
            return response.parsed
        plan = _runtime.creating.create_once(
            request,
            create_batch.CREATE_ONCE,
            list_batches.request,
            list_batches.PAGINATION,
            key=idempotency_key,
            reuse=reuse,
            budget=self._retry_budget,
            clock=self._clock,
            on_retry=self._on_retry,
            timeout=timeout,
        )
        return self._run(plan)

    def list_batches(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        timeout: Timeout | None = None,
    ) -> models.ListBatchesResponse:
        """List the organization's batches, newest first.

        Returns one page. Pass the id of its last batch as `after` to get the next page.

        Args:
            after: The id of a batch. The page starts with the next batch in the list.
            limit: The maximum number of batches in the page, from 1 to 100. The server's default is 20.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
        """
        response = self.send(list_batches.request(after=after, limit=limit), timeout=timeout)
        return response.parsed

    def iter_batches(
        self,
        *,
        page_size: int = 100,
        created_after: date | float | str | None = None,
        created_before: date | float | str | None = None,
        max_items: int | None = None,
        after: str | None = None,
        timeout: Timeout | None = None,
    ) -> Iterator[models.Batch]:
        """Go through the whole list, page by page, as far as it is wanted. Only one page is held in memory.

        Args:
            page_size: How many to ask for at a time.
            created_after: The earliest created_at: a date or datetime, Unix seconds, or a date as text that
                can be read in one way. What names no time zone is UTC.
            created_before: The created_at before which all must lie.
            max_items: How many to give at the most.
            after: The id after which to begin, to go on where an earlier walk ended.
            timeout: Seconds to wait for each answer, or an httpx.Timeout; None means the client's own.

        Raises:
            PaginationError: A cursor came again, or there is more and no way to it.
            APIStatusError, UnexpectedResponseError, APIConnectionError: As for list_batches.
            ValueError: Something is not a point in time. Nothing was sent.
        """
        span = _runtime.paging.Span.of(created_after, created_before)
        pages = _runtime.paging.Pages(list_batches.PAGINATION, list_batches.request, page_size, after)
        return self._iterate(_runtime.paging.items(pages, list_batches.PAGINATION, span, max_items, timeout))

    def wait_for_batches(
        self,
        ids: Iterable[str],
        *,
        timeout: float,
        on_poll: Callable[[models.Batch], object] | None = None,
        min_delay: float = 5,
        max_delay: float = 60,
    ) -> Iterator[models.Batch]:
        """Give each as it ends, success or not, until all have. Many are looked up in the list, a hundred with
        one request; what is too old for that is asked for singly.

        Args:
            ids: Their ids.
            timeout: Seconds to wait at the most, for all of them.
            on_poll: Called with each state that is seen.
            min_delay: Seconds between two rounds, at the least.
            max_delay: Seconds between two rounds, at the most.

        Raises:
            WaitTimeoutError: Some have not ended in time; `pending` names them.
            AuthenticationError, PermissionDeniedError: The key does not serve (any more).
            NotFoundError: One of them was not found three times.
            PaginationError: The pages of the list lead nowhere.
            ValueError: An id would lead to another URL, or a number makes no sense. Nothing was sent.
        """
        patience = _runtime.waiting.Patience(self._clock, timeout, min_delay, max_delay, self._on_retry)
        plan = _runtime.waiting.wait_for_all(
            _runtime.waiting.unended(ids),
            retrieve_batch.request,
            list_batches.request,
            list_batches.PAGINATION,
            retrieve_batch.LIFECYCLE,
            patience,
            on_poll,
        )
        return self._iterate(plan)

    def retrieve_batch(
        self,
        batch_id: str,
        *,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Get the current state of a batch.

        Poll at most once a minute while the service processes the batch.

        Args:
            batch_id: The id of the batch.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
            ValueError: An id would lead to another URL. Nothing was sent.
        """
        response = self.send(retrieve_batch.request(batch_id), timeout=timeout)
        return response.parsed

    def wait_for_batch(
        self,
        batch_id: str,
        *,
        timeout: float,
        on_poll: Callable[[models.Batch], object] | None = None,
        min_delay: float = 5,
        max_delay: float = 60,
        raise_on_failure: bool = False,
    ) -> models.Batch:
        """Wait until it has ended: until it has a status that nothing follows, success or not.

        Trouble that passes (no connection, status 408, 429, 500 and above) is waited out. To go on after an
        interruption, call this again: the id is all that is needed.

        Args:
            batch_id: The id of the batch.
            timeout: Seconds to wait at the most. The last look is taken just before they are over.
            on_poll: Called with each state that is seen.
            min_delay: Seconds between two looks, at the least.
            max_delay: Seconds between two looks, at the most; the time between them grows, with some chance
                in it.
            raise_on_failure: Whether an end that is not success raises.

        Raises:
            WaitTimeoutError: It has not ended in time; holds the last state.
            BatchFailedError, BatchExpiredError, BatchCancelledError: With `raise_on_failure`; each holds
                the last state.
            AuthenticationError, PermissionDeniedError: The key does not serve (any more).
            NotFoundError: Three times in a row there was no such thing.
            ValueError: The id would lead to another URL, or a number makes no sense. Nothing was sent.
        """
        request = retrieve_batch.request(batch_id)
        patience = _runtime.waiting.Patience(self._clock, timeout, min_delay, max_delay, self._on_retry)
        plan = _runtime.waiting.wait(batch_id, request, retrieve_batch.LIFECYCLE, patience, on_poll, raise_on_failure)
        return self._run(plan)

    def cancel_batch(
        self,
        batch_id: str,
        *,
        wait: bool = False,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Stop a batch that is still being processed.

        The status is `cancelling` for up to ten minutes, until the running requests end, and then
        `cancelled`. The output file contains the responses to the requests that finished before.

        Where the server refuses because it has happened already, or can happen no more, the present state
        is returned.

        Args:
            batch_id: The id of the batch to cancel.
            wait: Whether to wait for the end; `timeout` then is the time for all of it.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
            WaitTimeoutError: With `wait`, the end was not reached in time.
            ValueError: An id would lead to another URL. Nothing was sent.
        """
        if wait and not isinstance(timeout, (int, float)):
            raise ValueError("wait needs a timeout in seconds; nothing was sent")
        request = cancel_batch.request(batch_id)
        now = retrieve_batch.request(batch_id)
        plan = _runtime.waiting.change(request, now, retrieve_batch.LIFECYCLE, "cancelling", None if wait else timeout)
        result = self._run(plan)
        if not wait or not isinstance(timeout, (int, float)) or retrieve_batch.LIFECYCLE.is_terminal(result):
            return result
        return self.wait_for_batch(batch_id, timeout=timeout)


class AsyncBatchAPI(AsyncClient):
    """Large sets of requests that are processed together, asynchronously.

    The twin of BatchAPI for asyncio.

    Close it, or use it as a context manager, to close its connections.
    """

    _default_base_url = "https://api.openai.com/v1"
    _user_agent = "openai-batch-client/0.1.0"

    async def create_batch(
        self,
        *,
        input_file_id: str,
        endpoint: models.BatchEndpoint,
        completion_window: models.BatchCompletionWindow,
        metadata: models.Metadata | None = None,
        output_expires_after: models.BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        reuse: bool = False,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Create a batch from an uploaded file of requests.

        The service validates the file, then processes its requests within the completion window. It returns
        the new batch immediately, normally with the status `validating`.

        An answer that is lost does not tell whether the server has acted. Without a key the outcome is then
        reported as unknown, and nothing is repeated. With a key it is looked for in the list before it is
        tried again. Two limits remain: two processes that use one key at the same moment can create two,
        and so can a list that lags behind.

        Args:
            input_file_id: The id of a file that was uploaded with the purpose `batch`. The file contains
                one JSON request per line, at most 50,000 lines and 200 MB.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch.
            output_expires_after: The lifetime of the output file and the error file. By default, they do
                not expire.
            idempotency_key: A name for this one creation, kept in metadata.idempotency_key, at most 512
                characters.
            reuse: With a key: whether to look before the first attempt, too, up to seven days back, and
                return what was created under this key with the same input_file_id, whatever became of it.
                For jobs that may be started again.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
            CreateOutcomeUnknownError: It is not known whether the server acted.
            ValueError: The key is too long, or what holds it is full. Nothing was sent.
        """
        body = models.CreateBatchRequest(
            input_file_id=input_file_id,
            endpoint=endpoint,
            completion_window=completion_window,
            metadata=metadata,
            output_expires_after=output_expires_after,
        )
        request = create_batch.request(body=body)
        if idempotency_key is None:
            if reuse:
                raise ValueError("reuse needs an idempotency_key; nothing was sent")
            response = await self.send(request, timeout=timeout)
            return response.parsed
        plan = _runtime.creating.create_once(
            request,
            create_batch.CREATE_ONCE,
            list_batches.request,
            list_batches.PAGINATION,
            key=idempotency_key,
            reuse=reuse,
            budget=self._retry_budget,
            clock=self._clock,
            on_retry=self._on_retry,
            timeout=timeout,
        )
        return await self._run(plan)

    async def list_batches(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        timeout: Timeout | None = None,
    ) -> models.ListBatchesResponse:
        """List the organization's batches, newest first.

        Returns one page. Pass the id of its last batch as `after` to get the next page.

        Args:
            after: The id of a batch. The page starts with the next batch in the list.
            limit: The maximum number of batches in the page, from 1 to 100. The server's default is 20.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
        """
        response = await self.send(list_batches.request(after=after, limit=limit), timeout=timeout)
        return response.parsed

    def iter_batches(
        self,
        *,
        page_size: int = 100,
        created_after: date | float | str | None = None,
        created_before: date | float | str | None = None,
        max_items: int | None = None,
        after: str | None = None,
        timeout: Timeout | None = None,
    ) -> AsyncIterator[models.Batch]:
        """Go through the whole list, page by page, as far as it is wanted. Only one page is held in memory.

        Args:
            page_size: How many to ask for at a time.
            created_after: The earliest created_at: a date or datetime, Unix seconds, or a date as text that
                can be read in one way. What names no time zone is UTC.
            created_before: The created_at before which all must lie.
            max_items: How many to give at the most.
            after: The id after which to begin, to go on where an earlier walk ended.
            timeout: Seconds to wait for each answer, or an httpx.Timeout; None means the client's own.

        Raises:
            PaginationError: A cursor came again, or there is more and no way to it.
            APIStatusError, UnexpectedResponseError, APIConnectionError: As for list_batches.
            ValueError: Something is not a point in time. Nothing was sent.
        """
        span = _runtime.paging.Span.of(created_after, created_before)
        pages = _runtime.paging.Pages(list_batches.PAGINATION, list_batches.request, page_size, after)
        return self._iterate(_runtime.paging.items(pages, list_batches.PAGINATION, span, max_items, timeout))

    def wait_for_batches(
        self,
        ids: Iterable[str],
        *,
        timeout: float,
        on_poll: Callable[[models.Batch], object] | None = None,
        min_delay: float = 5,
        max_delay: float = 60,
    ) -> AsyncIterator[models.Batch]:
        """Give each as it ends, success or not, until all have. Many are looked up in the list, a hundred with
        one request; what is too old for that is asked for singly.

        Args:
            ids: Their ids.
            timeout: Seconds to wait at the most, for all of them.
            on_poll: Called with each state that is seen.
            min_delay: Seconds between two rounds, at the least.
            max_delay: Seconds between two rounds, at the most.

        Raises:
            WaitTimeoutError: Some have not ended in time; `pending` names them.
            AuthenticationError, PermissionDeniedError: The key does not serve (any more).
            NotFoundError: One of them was not found three times.
            PaginationError: The pages of the list lead nowhere.
            ValueError: An id would lead to another URL, or a number makes no sense. Nothing was sent.
        """
        patience = _runtime.waiting.Patience(self._clock, timeout, min_delay, max_delay, self._on_retry)
        plan = _runtime.waiting.wait_for_all(
            _runtime.waiting.unended(ids),
            retrieve_batch.request,
            list_batches.request,
            list_batches.PAGINATION,
            retrieve_batch.LIFECYCLE,
            patience,
            on_poll,
        )
        return self._iterate(plan)

    async def retrieve_batch(
        self,
        batch_id: str,
        *,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Get the current state of a batch.

        Poll at most once a minute while the service processes the batch.

        Args:
            batch_id: The id of the batch.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
            ValueError: An id would lead to another URL. Nothing was sent.
        """
        response = await self.send(retrieve_batch.request(batch_id), timeout=timeout)
        return response.parsed

    async def wait_for_batch(
        self,
        batch_id: str,
        *,
        timeout: float,
        on_poll: Callable[[models.Batch], object] | None = None,
        min_delay: float = 5,
        max_delay: float = 60,
        raise_on_failure: bool = False,
    ) -> models.Batch:
        """Wait until it has ended: until it has a status that nothing follows, success or not.

        Trouble that passes (no connection, status 408, 429, 500 and above) is waited out. To go on after an
        interruption, call this again: the id is all that is needed.

        Args:
            batch_id: The id of the batch.
            timeout: Seconds to wait at the most. The last look is taken just before they are over.
            on_poll: Called with each state that is seen.
            min_delay: Seconds between two looks, at the least.
            max_delay: Seconds between two looks, at the most; the time between them grows, with some chance
                in it.
            raise_on_failure: Whether an end that is not success raises.

        Raises:
            WaitTimeoutError: It has not ended in time; holds the last state.
            BatchFailedError, BatchExpiredError, BatchCancelledError: With `raise_on_failure`; each holds
                the last state.
            AuthenticationError, PermissionDeniedError: The key does not serve (any more).
            NotFoundError: Three times in a row there was no such thing.
            ValueError: The id would lead to another URL, or a number makes no sense. Nothing was sent.
        """
        request = retrieve_batch.request(batch_id)
        patience = _runtime.waiting.Patience(self._clock, timeout, min_delay, max_delay, self._on_retry)
        plan = _runtime.waiting.wait(batch_id, request, retrieve_batch.LIFECYCLE, patience, on_poll, raise_on_failure)
        return await self._run(plan)

    async def cancel_batch(
        self,
        batch_id: str,
        *,
        wait: bool = False,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Stop a batch that is still being processed.

        The status is `cancelling` for up to ten minutes, until the running requests end, and then
        `cancelled`. The output file contains the responses to the requests that finished before.

        Where the server refuses because it has happened already, or can happen no more, the present state
        is returned.

        Args:
            batch_id: The id of the batch to cancel.
            wait: Whether to wait for the end; `timeout` then is the time for all of it.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
            WaitTimeoutError: With `wait`, the end was not reached in time.
            ValueError: An id would lead to another URL. Nothing was sent.
        """
        if wait and not isinstance(timeout, (int, float)):
            raise ValueError("wait needs a timeout in seconds; nothing was sent")
        request = cancel_batch.request(batch_id)
        now = retrieve_batch.request(batch_id)
        plan = _runtime.waiting.change(request, now, retrieve_batch.LIFECYCLE, "cancelling", None if wait else timeout)
        result = await self._run(plan)
        if not wait or not isinstance(timeout, (int, float)) or retrieve_batch.LIFECYCLE.is_terminal(result):
            return result
        return await self.wait_for_batch(batch_id, timeout=timeout)


__all__ = ["AsyncBatchAPI", "BatchAPI"]
