# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""Large sets of requests that are processed together, asynchronously."""

from collections.abc import Mapping
from typing import Any

from ..._runtime.client import AsyncClient, Client, Timeout
from ...models.batch import Batch
from ...models.batch_completion_window import BatchCompletionWindow
from ...models.batch_endpoint import BatchEndpoint
from ...models.batch_file_expiration_after import BatchFileExpirationAfter
from ...models.create_batch_request import CreateBatchRequest
from ...models.list_batches_response import ListBatchesResponse
from ...models.metadata import Metadata
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
        endpoint: BatchEndpoint,
        completion_window: BatchCompletionWindow,
        metadata: Metadata | None = None,
        output_expires_after: BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        timeout: Timeout | None = None,
    ) -> Batch:
        """Create a batch from an uploaded file of requests.

        The file is checked first, then its requests are processed within the completion window. The new
        batch is returned at once, normally in status `validating`.

        Args:
            input_file_id: The id of a file uploaded with the purpose `batch`. It is JSON Lines, one request
                a line, at most 50,000 lines and 200 MB.
            endpoint: The endpoint that every request of the file is meant for.
            completion_window: How long processing may take.
            metadata: Notes of the caller, kept with the batch.
            output_expires_after: When the files that the batch produces are deleted. They are kept when
                this is not given.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
        """
        body = CreateBatchRequest(
            input_file_id=input_file_id,
            endpoint=endpoint,
            completion_window=completion_window,
            metadata=metadata,
            output_expires_after=output_expires_after,
        )
        response = self.send(create_batch.request(body=body), timeout=timeout)
        return response.parsed

    def list_batches(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        timeout: Timeout | None = None,
    ) -> ListBatchesResponse:
        """List the organization's batches, newest first.

        One page of batches. Pass the last id of a page as `after` to get the next one.

        Args:
            after: The id of a batch; the page begins with the one that follows it in the list.
            limit: How many batches a page holds at the most, from 1 to 100. The server's default is 20.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
        """
        response = self.send(list_batches.request(after=after, limit=limit), timeout=timeout)
        return response.parsed

    def retrieve_batch(
        self,
        batch_id: str,
        *,
        timeout: Timeout | None = None,
    ) -> Batch:
        """Get the present state of a batch.

        Ask for it as often as once a minute while the batch is processed.

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

    def cancel_batch(
        self,
        batch_id: str,
        *,
        timeout: Timeout | None = None,
    ) -> Batch:
        """Stop a batch that is still being processed.

        The batch is `cancelling` for up to ten minutes while running requests end, then `cancelled`.
        Answers that were ready by then are in its output file.

        Args:
            batch_id: The id of the batch to stop.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
            ValueError: An id would lead to another URL. Nothing was sent.
        """
        response = self.send(cancel_batch.request(batch_id), timeout=timeout)
        return response.parsed


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
        endpoint: BatchEndpoint,
        completion_window: BatchCompletionWindow,
        metadata: Metadata | None = None,
        output_expires_after: BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        timeout: Timeout | None = None,
    ) -> Batch:
        """Create a batch from an uploaded file of requests.

        The file is checked first, then its requests are processed within the completion window. The new
        batch is returned at once, normally in status `validating`.

        Args:
            input_file_id: The id of a file uploaded with the purpose `batch`. It is JSON Lines, one request
                a line, at most 50,000 lines and 200 MB.
            endpoint: The endpoint that every request of the file is meant for.
            completion_window: How long processing may take.
            metadata: Notes of the caller, kept with the batch.
            output_expires_after: When the files that the batch produces are deleted. They are kept when
                this is not given.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
        """
        body = CreateBatchRequest(
            input_file_id=input_file_id,
            endpoint=endpoint,
            completion_window=completion_window,
            metadata=metadata,
            output_expires_after=output_expires_after,
        )
        response = await self.send(create_batch.request(body=body), timeout=timeout)
        return response.parsed

    async def list_batches(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        timeout: Timeout | None = None,
    ) -> ListBatchesResponse:
        """List the organization's batches, newest first.

        One page of batches. Pass the last id of a page as `after` to get the next one.

        Args:
            after: The id of a batch; the page begins with the one that follows it in the list.
            limit: How many batches a page holds at the most, from 1 to 100. The server's default is 20.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
        """
        response = await self.send(list_batches.request(after=after, limit=limit), timeout=timeout)
        return response.parsed

    async def retrieve_batch(
        self,
        batch_id: str,
        *,
        timeout: Timeout | None = None,
    ) -> Batch:
        """Get the present state of a batch.

        Ask for it as often as once a minute while the batch is processed.

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

    async def cancel_batch(
        self,
        batch_id: str,
        *,
        timeout: Timeout | None = None,
    ) -> Batch:
        """Stop a batch that is still being processed.

        The batch is `cancelling` for up to ten minutes while running requests end, then `cancelled`.
        Answers that were ready by then are in its output file.

        Args:
            batch_id: The id of the batch to stop.
            timeout: Seconds to wait for an answer, or an httpx.Timeout; None means the client's own.

        Raises:
            APIStatusError: The server refused; the subclass tells the status.
            UnexpectedResponseError: The server reported success, but its answer is not what the contract
                says.
            APIConnectionError: No answer arrived.
            ValueError: An id would lead to another URL. Nothing was sent.
        """
        response = await self.send(cancel_batch.request(batch_id), timeout=timeout)
        return response.parsed


__all__ = ["AsyncBatchAPI", "BatchAPI"]
