# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""Large sets of requests that are processed together, asynchronously."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from ... import _runtime, models
from ..._runtime.base_client import Timeout
from ..._runtime.client import AsyncClient, Client
from . import cancel_batch, create_batch, list_batches, retrieve_batch


class BatchAPI(Client):
    """Large sets of requests that are processed together, asynchronously.

    Call `close`, or use it as a context manager, to close the connections.
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

        If the response is lost, the server may have created the Batch or not. Without a key the method then
        raises CreateOutcomeUnknownError and does not retry. With a key the method searches the list before
        each further attempt. Two processes that use the same key at the same time can still create two
        objects. A stale list can also lead to a second Batch.

        Args:
            input_file_id: The id of a file that was uploaded with the purpose `batch`. The file contains
                one JSON request per line, at most 50,000 lines and 200 MB.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch.
            output_expires_after: The lifetime of the output file and the error file. By default, they do
                not expire.
            idempotency_key: A unique key for this Batch, stored in metadata.idempotency_key, at most 512
                characters.
            reuse: Whether to also search the last seven days before the first attempt. A Batch with this
                key and the same input_file_id is then returned, in any status. Use it for jobs that may be
                started again.
            timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
            CreateOutcomeUnknownError: The object may or may not exist.
            ValueError: The key is too long, or metadata has no room for it. Nothing was sent.
        """
        return self._run(
            _runtime.creating.create_once(
                self._retry_policy,
                create_batch.request(
                    body=models.CreateBatchRequest(
                        input_file_id=input_file_id,
                        endpoint=endpoint,
                        completion_window=completion_window,
                        metadata=metadata,
                        output_expires_after=output_expires_after,
                    )
                ),
                create_batch.CREATE_ONCE,
                list_batches.request,
                list_batches.PAGINATION,
                key=idempotency_key,
                reuse=reuse,
                timeout=timeout,
            )
        )

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
            timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
        """
        return self.send(list_batches.request(after=after, limit=limit), timeout=timeout).parsed

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
        """Iterate over the whole list.

        Each page is requested when it is needed. Only one page is kept in memory.

        Args:
            page_size: The number of items per request.
            created_after: The earliest created_at: a date or datetime, Unix seconds, or an unambiguous date
                string. A value without a time zone is UTC.
            created_before: Yield only items with an earlier created_at, in the same formats.
            max_items: The largest number of items to yield.
            after: Start after the item with this id, for example the last item of an earlier iteration.
            timeout: Seconds to wait for each response, or an httpx.Timeout; None means the client's
                timeout.

        Raises:
            PaginationError: The cursors repeat, or the cursor of the next page is missing.
            APIStatusError, UnexpectedResponseError, APIConnectionError: As for list_batches.
            ValueError: A date or time is invalid, or max_items is negative. Nothing was sent.
        """
        return self._iterate(
            _runtime.paging.iterate(
                self._retry_policy,
                list_batches.request,
                list_batches.PAGINATION,
                filters={},
                page_size=page_size,
                span=(created_after, created_before),
                max_items=max_items,
                after=after,
                timeout=timeout,
            )
        )

    def wait_for_batches(
        self,
        ids: Iterable[str],
        *,
        timeout: float,
        on_poll: Callable[[models.Batch], object] | None = None,
        min_delay: float = 5,
        max_delay: float = 60,
    ) -> Iterator[models.Batch]:
        """Yield each Batch when it reaches a final status, successful or not.

        One list request polls up to 100 items. Older items are retrieved one by one.

        Args:
            ids: The ids to wait for.
            timeout: The maximum wait for all ids, in seconds.
            on_poll: Called with each Batch after each poll.
            min_delay: The shortest time between two rounds of polls, in seconds.
            max_delay: The longest time between two rounds of polls, in seconds. A longer Retry-After of the
                server is honoured.

        Raises:
            WaitTimeoutError: Some ids did not reach a final status in time. `pending` contains them.
            AuthenticationError, PermissionDeniedError: The API key was rejected.
            NotFoundError: A Batch was not found three times in a row.
            PaginationError: The cursors of the list repeat, or the cursor of the next page is missing.
            ValueError: An id is not valid in a URL path, or a duration is negative or not a number. Nothing
                was sent.
        """
        return self._iterate(
            _runtime.waiting.wait_for_all(
                self._retry_policy,
                ids,
                retrieve_batch.request,
                models.Batch.LIFECYCLE,
                list_batches.request,
                list_batches.PAGINATION,
                timeout=timeout,
                on_poll=on_poll,
                min_delay=min_delay,
                max_delay=max_delay,
            )
        )

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
            timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
            ValueError: An id is not valid in a URL path. Nothing was sent.
        """
        return self.send(retrieve_batch.request(batch_id), timeout=timeout).parsed

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
        """Wait until the Batch reaches a final status, successful or not.

        Transient errors (no connection, status 408, 429, 500 and above) do not end the wait. After an
        interruption, call the method again with the same id.

        Args:
            batch_id: The id of the batch.
            timeout: The maximum wait in seconds. The last poll happens just before the timeout.
            on_poll: Called with the Batch after each poll.
            min_delay: The shortest time between two polls, in seconds.
            max_delay: The longest time between two polls, in seconds. The delays grow to this limit, with
                jitter. A longer Retry-After of the server is honoured.
            raise_on_failure: Whether to raise an exception if the Batch did not succeed.

        Raises:
            WaitTimeoutError: No final status was reached in time. `batch` is the last polled state.
            BatchNotSucceededError: With `raise_on_failure`, the Batch did not succeed. The subclass depends
                on the status. `batch` is the final state.
            AuthenticationError, PermissionDeniedError: The API key was rejected.
            NotFoundError: The Batch was not found three times in a row.
            ValueError: The id is not valid in a URL path, or a duration is negative or not a number.
                Nothing was sent.
        """
        return self._run(
            _runtime.waiting.wait(
                self._retry_policy,
                batch_id,
                retrieve_batch.request(batch_id),
                models.Batch.LIFECYCLE,
                timeout=timeout,
                on_poll=on_poll,
                min_delay=min_delay,
                max_delay=max_delay,
                raise_on_failure=raise_on_failure,
            )
        )

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

        If the server refuses because the Batch is already `cancelling` or has a final status, the current
        Batch is returned.

        Args:
            batch_id: The id of the batch to cancel.
            wait: Whether to wait for a final status. `timeout` is then required, in seconds for the whole
                wait.
            timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
            WaitTimeoutError: With `wait`, no final status was reached in time.
            ValueError: An id is not valid in a URL path. Nothing was sent.
        """
        return self._run(
            _runtime.waiting.transition(
                self._retry_policy,
                batch_id,
                cancel_batch.request(batch_id),
                retrieve_batch.request(batch_id),
                models.Batch.LIFECYCLE,
                target="cancelling",
                wait=wait,
                timeout=timeout,
            )
        )


class AsyncBatchAPI(AsyncClient):
    """Large sets of requests that are processed together, asynchronously.

    The twin of BatchAPI for asyncio.

    Call `close`, or use it as a context manager, to close the connections.
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

        If the response is lost, the server may have created the Batch or not. Without a key the method then
        raises CreateOutcomeUnknownError and does not retry. With a key the method searches the list before
        each further attempt. Two processes that use the same key at the same time can still create two
        objects. A stale list can also lead to a second Batch.

        Args:
            input_file_id: The id of a file that was uploaded with the purpose `batch`. The file contains
                one JSON request per line, at most 50,000 lines and 200 MB.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch.
            output_expires_after: The lifetime of the output file and the error file. By default, they do
                not expire.
            idempotency_key: A unique key for this Batch, stored in metadata.idempotency_key, at most 512
                characters.
            reuse: Whether to also search the last seven days before the first attempt. A Batch with this
                key and the same input_file_id is then returned, in any status. Use it for jobs that may be
                started again.
            timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
            CreateOutcomeUnknownError: The object may or may not exist.
            ValueError: The key is too long, or metadata has no room for it. Nothing was sent.
        """
        return await self._run(
            _runtime.creating.create_once(
                self._retry_policy,
                create_batch.request(
                    body=models.CreateBatchRequest(
                        input_file_id=input_file_id,
                        endpoint=endpoint,
                        completion_window=completion_window,
                        metadata=metadata,
                        output_expires_after=output_expires_after,
                    )
                ),
                create_batch.CREATE_ONCE,
                list_batches.request,
                list_batches.PAGINATION,
                key=idempotency_key,
                reuse=reuse,
                timeout=timeout,
            )
        )

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
            timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
        """
        return (await self.send(list_batches.request(after=after, limit=limit), timeout=timeout)).parsed

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
        """Iterate over the whole list.

        Each page is requested when it is needed. Only one page is kept in memory.

        Args:
            page_size: The number of items per request.
            created_after: The earliest created_at: a date or datetime, Unix seconds, or an unambiguous date
                string. A value without a time zone is UTC.
            created_before: Yield only items with an earlier created_at, in the same formats.
            max_items: The largest number of items to yield.
            after: Start after the item with this id, for example the last item of an earlier iteration.
            timeout: Seconds to wait for each response, or an httpx.Timeout; None means the client's
                timeout.

        Raises:
            PaginationError: The cursors repeat, or the cursor of the next page is missing.
            APIStatusError, UnexpectedResponseError, APIConnectionError: As for list_batches.
            ValueError: A date or time is invalid, or max_items is negative. Nothing was sent.
        """
        return self._iterate(
            _runtime.paging.iterate(
                self._retry_policy,
                list_batches.request,
                list_batches.PAGINATION,
                filters={},
                page_size=page_size,
                span=(created_after, created_before),
                max_items=max_items,
                after=after,
                timeout=timeout,
            )
        )

    def wait_for_batches(
        self,
        ids: Iterable[str],
        *,
        timeout: float,
        on_poll: Callable[[models.Batch], object] | None = None,
        min_delay: float = 5,
        max_delay: float = 60,
    ) -> AsyncIterator[models.Batch]:
        """Yield each Batch when it reaches a final status, successful or not.

        One list request polls up to 100 items. Older items are retrieved one by one.

        Args:
            ids: The ids to wait for.
            timeout: The maximum wait for all ids, in seconds.
            on_poll: Called with each Batch after each poll.
            min_delay: The shortest time between two rounds of polls, in seconds.
            max_delay: The longest time between two rounds of polls, in seconds. A longer Retry-After of the
                server is honoured.

        Raises:
            WaitTimeoutError: Some ids did not reach a final status in time. `pending` contains them.
            AuthenticationError, PermissionDeniedError: The API key was rejected.
            NotFoundError: A Batch was not found three times in a row.
            PaginationError: The cursors of the list repeat, or the cursor of the next page is missing.
            ValueError: An id is not valid in a URL path, or a duration is negative or not a number. Nothing
                was sent.
        """
        return self._iterate(
            _runtime.waiting.wait_for_all(
                self._retry_policy,
                ids,
                retrieve_batch.request,
                models.Batch.LIFECYCLE,
                list_batches.request,
                list_batches.PAGINATION,
                timeout=timeout,
                on_poll=on_poll,
                min_delay=min_delay,
                max_delay=max_delay,
            )
        )

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
            timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
            ValueError: An id is not valid in a URL path. Nothing was sent.
        """
        return (await self.send(retrieve_batch.request(batch_id), timeout=timeout)).parsed

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
        """Wait until the Batch reaches a final status, successful or not.

        Transient errors (no connection, status 408, 429, 500 and above) do not end the wait. After an
        interruption, call the method again with the same id.

        Args:
            batch_id: The id of the batch.
            timeout: The maximum wait in seconds. The last poll happens just before the timeout.
            on_poll: Called with the Batch after each poll.
            min_delay: The shortest time between two polls, in seconds.
            max_delay: The longest time between two polls, in seconds. The delays grow to this limit, with
                jitter. A longer Retry-After of the server is honoured.
            raise_on_failure: Whether to raise an exception if the Batch did not succeed.

        Raises:
            WaitTimeoutError: No final status was reached in time. `batch` is the last polled state.
            BatchNotSucceededError: With `raise_on_failure`, the Batch did not succeed. The subclass depends
                on the status. `batch` is the final state.
            AuthenticationError, PermissionDeniedError: The API key was rejected.
            NotFoundError: The Batch was not found three times in a row.
            ValueError: The id is not valid in a URL path, or a duration is negative or not a number.
                Nothing was sent.
        """
        return await self._run(
            _runtime.waiting.wait(
                self._retry_policy,
                batch_id,
                retrieve_batch.request(batch_id),
                models.Batch.LIFECYCLE,
                timeout=timeout,
                on_poll=on_poll,
                min_delay=min_delay,
                max_delay=max_delay,
                raise_on_failure=raise_on_failure,
            )
        )

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

        If the server refuses because the Batch is already `cancelling` or has a final status, the current
        Batch is returned.

        Args:
            batch_id: The id of the batch to cancel.
            wait: Whether to wait for a final status. `timeout` is then required, in seconds for the whole
                wait.
            timeout: Seconds to wait for a response, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract.
            APIConnectionError: No response arrived.
            WaitTimeoutError: With `wait`, no final status was reached in time.
            ValueError: An id is not valid in a URL path. Nothing was sent.
        """
        return await self._run(
            _runtime.waiting.transition(
                self._retry_policy,
                batch_id,
                cancel_batch.request(batch_id),
                retrieve_batch.request(batch_id),
                models.Batch.LIFECYCLE,
                target="cancelling",
                wait=wait,
                timeout=timeout,
            )
        )


__all__ = ["AsyncBatchAPI", "BatchAPI"]
