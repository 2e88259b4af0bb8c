# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""Large sets of requests that are processed together, asynchronously."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

from ... import _runtime, models
from ..._runtime.async_client import AsyncClient
from ..._runtime.client import Client
from ..._runtime.options import Timeout
from ..._runtime.unset import UNSET, Unset
from . import cancel_batch, create_batch, list_batches, retrieve_batch


def _create_batch_service() -> _runtime.listing.Service[models.Batch]:
    """The operations that creating with an idempotency key needs. The modules are imported on first use."""
    return _runtime.listing.Service(
        create_batch.CREATE_ONCE,
        list_batches.PAGINATION,
        models.Batch.LIFECYCLE,
        list_request=list_batches.request,
        retrieve_request=retrieve_batch.request,
        cancel_request=cancel_batch.request,
    )


class BatchAPI(Client):
    """Large sets of requests that are processed together, asynchronously.

    Call `close`, or use it as a context manager, to close the connections.
    """

    _default_base_url = "https://api.openai.com/v1"
    _user_agent = "openai-batch-client/0.2.0"

    def create_batch(
        self,
        *,
        input_file_id: str,
        endpoint: models.BatchEndpoint,
        completion_window: models.BatchCompletionWindow,
        metadata: models.Metadata | None | Unset = UNSET,
        output_expires_after: models.BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        restartable: bool = False,
        settling_time: float | None = 30.0,
        max_age: float = 604_800.0,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Create a batch from an uploaded file of requests.

        The service validates the file, then processes its requests within the completion window. It returns
        the new batch immediately, normally with the status `validating`.

        Without a key, a lost response raises CreateOutcomeUnknownError, and nothing is repeated.

        With a key there is one Batch or an exception, if the service lists a created Batch at most
        `settling_time` seconds after a failed attempt has ended; beyond that, no client can promise this.
        With settling_time=None the method never repeats a request that the server may have received, so
        that this condition is not needed.

        A later call with the same key returns the same Batch, in this process or another process, whatever
        its status. To try again after a failure, use another key. The API key needs the permission to list.

        Without `restartable`, a process that was killed during the call and is started again within
        `settling_time` can create a second Batch. Two processes that use a key at the same time find each
        other's Batch after the create, and the later Batch is cancelled while it is new. If three processes
        do so, or if the list does not show a new Batch at once, two can remain.

        Args:
            input_file_id: The id of a file that was uploaded with the purpose `batch`. The file contains
                one JSON request per line, at most 50,000 lines and 200 MB.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch. None is sent as null.
            output_expires_after: The lifetime of the output file and the error file. If it is absent, the
                service decides.
            idempotency_key: A unique key for this Batch, at most 512 characters. It is stored in
                metadata.idempotency_key, and a digest of the arguments in metadata.idempotency_stamp.
            restartable: Whether `settling_time` passes before the first request, so that the list shows
                what a killed process has sent. The time since a `find_batch` with the same key counts.
            settling_time: Seconds in which the service lists a created Batch. After a failed attempt, the
                method looks at the list until this time has passed, and then repeats the request, up to 8
                times in all. None: it never repeats.
            max_age: The key is looked for in this time before the newest Batch of the list, in seconds. If
                the list is not sorted by time, it is read as a whole, at most 1,000 pages.
            extra_body: Additional fields of the request's body, which replace fields of the same name.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract, or is
                larger than 64 MiB.
            APIConnectionError: No response arrived. `permanent` says whether a retry would surely fail.
            ClientStateError: The client is closed, or belongs to another process or event loop. Nothing was
                sent.
            CreateOutcomeUnknownError: The Batch may or may not exist. `candidates` are the ids that it may
                have.
            IdempotencyConflictError: The key belongs to a Batch with other arguments. `batch` is that
                Batch.
            DuplicateBatchError: Two processes created a Batch with the key. `batches` are both.
            MetadataNotKeptError: The service does not store the key. `batch` is the created Batch.
            PaginationError: With a key, the list is not well-formed. Nothing was created.
            ValueError: The key is too long, or metadata has no room for it. Nothing was sent.
        """
        return self._run(
            _runtime.creating.create_once(
                self._call_options(timeout, retry_budget, extra_headers),
                self._listings,
                self._account,
                create_batch.request(
                    body=models.CreateBatchRequest(
                        input_file_id=input_file_id,
                        endpoint=endpoint,
                        completion_window=completion_window,
                        metadata=metadata,
                        output_expires_after=output_expires_after,
                    )
                ).with_extra(extra_body),
                _create_batch_service(),
                key=idempotency_key,
                restartable=restartable,
                settling_time=settling_time,
                max_age=max_age,
            )
        )

    def find_batch(
        self,
        *,
        idempotency_key: str,
        max_age: float = 604_800.0,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch | None:
        """Find the Batch that was created with an idempotency key. Nothing is created.

        If several have the key, the first that has not failed is returned.

        Args:
            idempotency_key: The key that was passed to create_batch.
            max_age: The key is looked for in this time before the newest Batch of the list, in seconds.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Returns:
            The Batch, in any status, or None.

        Raises:
            PaginationError: The list is not well-formed, or has more than 1,000 pages.
            APIStatusError, UnexpectedResponseError, APIConnectionError: A request failed.
            ValueError: The key is empty or too long, or max_age is not a number of seconds. Nothing was
                sent.
        """
        found: models.Batch | None = self._run(
            _runtime.creating.find(
                self._call_options(timeout, retry_budget, extra_headers),
                self._listings,
                _create_batch_service(),
                operation=create_batch.OPERATION.id,
                key=idempotency_key,
                max_age=max_age,
            )
        )
        return found

    def submit_batch(
        self,
        requests: str | PathLike[str] | Iterable[Any],
        *,
        endpoint: models.BatchEndpoint,
        completion_window: models.BatchCompletionWindow = "24h",
        metadata: models.Metadata | None | Unset = UNSET,
        output_expires_after: models.BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        restartable: bool = True,
        settling_time: float | None = 30.0,
        max_age: float = 604_800.0,
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Submit requests as a Batch: check them, upload them and create the Batch.

        All lines are checked before anything is sent. If the key is found, nothing is uploaded, so that a
        restarted job goes on where it was killed. The promise of create_batch holds for the key; the same
        key with other lines is a conflict.

        Args:
            requests: The path of a JSON Lines file, or an iterable of lines: mappings, models, or pairs of
                custom_id and body. In a pair, method and url follow from the endpoint. An iterable is
                written to a temporary file without a name.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch. None is sent as null.
            output_expires_after: The lifetime of the output file and the error file. If it is absent, the
                service decides.
            idempotency_key: A unique key for this Batch; see create_batch.
            restartable: With a key, whether `settling_time` passes between the first look for the key and
                the create request, so that the list shows what a killed process has sent. The time of the
                upload counts.
            settling_time: Seconds in which the service lists a created Batch; see create_batch.
            max_age: The key is looked for in this time before the newest Batch of the list, in seconds.
            on_progress: Called with a Progress while lines are checked and bytes are sent. It must not be
                an async function.
            extra_body: Additional fields of the request's body, which replace fields of the same name.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Returns:
            The Batch.

        Raises:
            ValueError: The requests are not valid. The message has the first ten faults with line numbers.
                Nothing was sent. Or the file has changed since it was checked. It was not used.
            OSError: The file cannot be read.
            TypeError: on_progress is an async function. Nothing was sent.
            BatchAPIError: The upload failed, or as for create_batch.
        """
        return self._run(
            _runtime.jobs.submit(
                _runtime.jobs.Job(
                    self._call_options(timeout, retry_budget, extra_headers),
                    self._listings,
                    self._account,
                    _create_batch_service(),
                    create_batch.INPUT_FILE,
                    create_batch.request(
                        body=models.CreateBatchRequest(
                            input_file_id="",
                            endpoint=endpoint,
                            completion_window=completion_window,
                            metadata=metadata,
                            output_expires_after=output_expires_after,
                        )
                    ).with_extra(extra_body),
                    "input_file_id",
                    key=idempotency_key,
                    restartable=restartable,
                    settling_time=settling_time,
                    max_age=max_age,
                    on_progress=on_progress,
                ),
                requests,
            )
        )

    def submit_batches(
        self,
        requests: str | PathLike[str] | Iterable[Any],
        *,
        endpoint: models.BatchEndpoint,
        completion_window: models.BatchCompletionWindow = "24h",
        metadata: models.Metadata | None | Unset = UNSET,
        output_expires_after: models.BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        restartable: bool = True,
        settling_time: float | None = 30.0,
        max_age: float = 604_800.0,
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> list[models.Batch]:
        """Submit requests in as many batches as their number and size demand: check them, upload them and
        create the Batches.

        All lines are checked before anything is sent. If the key is found, nothing is uploaded, so that a
        restarted job goes on where it was killed. The promise of create_batch holds for each part; the same
        key with other lines is a conflict. Each part has its own key: the given key, a slash, and the
        number of the part.

        Args:
            requests: The path of a JSON Lines file, or an iterable of lines: mappings, models, or pairs of
                custom_id and body. In a pair, method and url follow from the endpoint. An iterable is
                written to a temporary file without a name.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch. None is sent as null.
            output_expires_after: The lifetime of the output file and the error file. If it is absent, the
                service decides.
            idempotency_key: A unique key for this job; see create_batch.
            restartable: With a key, whether `settling_time` passes between the first look for the key and
                the create request, so that the list shows what a killed process has sent. The time of the
                upload counts.
            settling_time: Seconds in which the service lists a created Batch; see create_batch.
            max_age: The key is looked for in this time before the newest Batch of the list, in seconds.
            on_progress: Called with a Progress while lines are checked and bytes are sent. It must not be
                an async function.
            extra_body: Additional fields of the request's body, which replace fields of the same name.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Returns:
            The batches, in the order of the requests.

        Raises:
            ValueError: The requests are not valid. The message has the first ten faults with line numbers.
                Nothing was sent. Or the file has changed since it was checked. It was not used.
            OSError: The file cannot be read.
            TypeError: on_progress is an async function. Nothing was sent.
            BatchAPIError: The upload failed, or as for create_batch.
        """
        return self._run(
            _runtime.jobs.submit_all(
                _runtime.jobs.Job(
                    self._call_options(timeout, retry_budget, extra_headers),
                    self._listings,
                    self._account,
                    _create_batch_service(),
                    create_batch.INPUT_FILE,
                    create_batch.request(
                        body=models.CreateBatchRequest(
                            input_file_id="",
                            endpoint=endpoint,
                            completion_window=completion_window,
                            metadata=metadata,
                            output_expires_after=output_expires_after,
                        )
                    ).with_extra(extra_body),
                    "input_file_id",
                    key=idempotency_key,
                    restartable=restartable,
                    settling_time=settling_time,
                    max_age=max_age,
                    on_progress=on_progress,
                ),
                requests,
            )
        )

    def iter_results(
        self,
        batch: models.Batch,
        *,
        requests: str | PathLike[str] | Iterable[Any] | None = None,
        with_missing: bool = False,
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> Iterator[_runtime.results.RequestResult]:
        """Iterate over the results of a Batch: the lines of its output file, and then of its error file.

        The files are read in chunks. A download that is cut is resumed; no line is repeated or left out. A
        line that cannot be read is a result with an error. An answer with a 4xx or 5xx status is an error,
        too.

        Args:
            batch: The Batch, with a final status.
            requests: The requests, as they were submitted. With them, a request in neither file is a result
                with an error.
            with_missing: Whether to read the requests from the input file, if `requests` is not passed.
            on_progress: Called with a Progress after each chunk. It must not be an async function.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            ValueError: The status of the Batch is not final, or its requests are not known. Nothing was
                sent.
            OSError: There is no file at the path `requests`. Nothing was sent.
            TypeError: on_progress is an async function. Nothing was sent.
            BatchAPIError: A file could not be read to its end.
        """
        results = _runtime.results.Results(
            self._call_options(timeout, retry_budget, extra_headers), models.Batch.FILES, batch, requests, on_progress
        )
        return self._iterate(results.iterate(with_missing or requests is not None))

    def remaining_requests(
        self,
        batch: models.Batch,
        *,
        requests: str | PathLike[str] | Iterable[Any] | None = None,
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> Iterator[Any]:
        """Iterate over the requests that have no answer and may be sent again, as input for another Batch.

        Args:
            batch: The Batch, with a final status.
            requests: The requests, as they were submitted. Default: the lines of the input file.
            on_progress: Called with a Progress after each chunk. It must not be an async function.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            ValueError: The status of the Batch is not final, or its requests are not known. Nothing was
                sent.
            OSError: There is no file at the path `requests`. Nothing was sent.
            TypeError: on_progress is an async function. Nothing was sent.
            BatchAPIError: A file could not be read to its end.
        """
        results = _runtime.results.Results(
            self._call_options(timeout, retry_budget, extra_headers), models.Batch.FILES, batch, requests, on_progress
        )
        return self._iterate(results.remaining())

    def download_file(
        self,
        file_id: str,
        *,
        to: str | PathLike[str],
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> Path:
        """Download a file. `to` then has the whole file, or is unchanged.

        Args:
            file_id: The id of the file.
            to: The path of the file to write.
            on_progress: Called with a Progress after each chunk. It must not be an async function.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Returns:
            The path.

        Raises:
            BatchAPIError: The file could not be read to its end.
            OSError: The file could not be written.
            TypeError: on_progress is an async function. Nothing was sent.
        """
        return self._run(
            _runtime.files.download_to(
                self._call_options(timeout, retry_budget, extra_headers),
                create_batch.INPUT_FILE,
                file_id,
                to,
                on_progress,
            )
        )

    def list_batches(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.ListBatchesResponse:
        """List the organization's batches, newest first.

        Returns one page. Pass the id of its last batch as `after` to get the next page.

        Args:
            after: The id of a batch. The page starts with the next batch in the list.
            limit: The maximum number of batches in the page, from 1 to 100. The server's default is 20.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract, or is
                larger than 64 MiB.
            APIConnectionError: No response arrived. `permanent` says whether a retry would surely fail.
            ClientStateError: The client is closed, or belongs to another process or event loop. Nothing was
                sent.
        """
        return self.send(
            list_batches.request(after=after, limit=limit),
            timeout=timeout,
            retry_budget=retry_budget,
            extra_headers=extra_headers,
        ).parsed

    def iter_batches(
        self,
        *,
        page_size: int = 100,
        created_after: date | float | str | None = None,
        created_before: date | float | str | None = None,
        max_items: int | None = None,
        after: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
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
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            PaginationError: The cursors repeat, or the cursor of the next page is missing or not valid.
            APIStatusError, UnexpectedResponseError, APIConnectionError: As for list_batches.
            ValueError: A date or time is invalid, or max_items is negative. Nothing was sent.
        """
        return self._iterate(
            _runtime.paging.iterate(
                self._call_options(timeout, retry_budget, extra_headers),
                list_batches.request,
                list_batches.PAGINATION,
                filters={},
                page_size=page_size,
                span=(created_after, created_before),
                max_items=max_items,
                after=after,
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
        extra_headers: Mapping[str, str] | None = None,
    ) -> Iterator[models.Batch]:
        """Yield each Batch when it reaches a final status, successful or not.

        One list request polls up to 100 items. Older items are retrieved one by one. An id that is not
        found, or not shown, three times in a row is logged and given up; the others are waited for. Other
        failures are handled as by wait_for_batch.

        Args:
            ids: The ids to wait for.
            timeout: The maximum wait for all ids, in seconds, the last request included.
            on_poll: Called with each Batch after each poll. The async client also accepts an async
                function.
            min_delay: The shortest time between two rounds of polls, in seconds.
            max_delay: The longest time between two rounds of polls, in seconds. A longer Retry-After of the
                server is honoured.
            extra_headers: Additional headers for this call. They replace the client's headers.

        Raises:
            WaitTimeoutError: Some ids did not reach a final status in time. `pending` contains them.
            MissingBatchesError: Some ids were given up. It comes after all others were yielded. `missing`
                contains the ids, and `batches` the others.
            APIStatusError, UnexpectedResponseError, PaginationError: The first answer, or three answers in
                a row, were odd. `pending` of this and every other exception contains the ids without a
                final status.
            APIConnectionError: A failure that cannot pass.
            TypeError: on_poll is an async function, and the client is not async. Nothing was sent.
            ValueError: An id is not valid in a URL path, or a duration is negative or not a number. Nothing
                was sent.
        """
        return self._iterate(
            _runtime.waiting.wait_for_all(
                self._call_options(None, None, extra_headers),
                ids,
                retrieve_batch.request,
                models.Batch.LIFECYCLE,
                list_batches.request,
                list_batches.PAGINATION,
                timeout=timeout,
                on_poll=self._callback("on_poll", on_poll),
                min_delay=min_delay,
                max_delay=max_delay,
            )
        )

    def retrieve_batch(
        self,
        batch_id: str,
        *,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Get the current state of a batch.

        A batch takes minutes to hours. Wait some seconds between two requests.

        Args:
            batch_id: The id of the batch.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract, or is
                about another Batch, or is larger than 64 MiB.
            APIConnectionError: No response arrived. `permanent` says whether a retry would surely fail.
            ClientStateError: The client is closed, or belongs to another process or event loop. Nothing was
                sent.
            ValueError: An id is not valid in a URL path. Nothing was sent.
        """
        return self.send(
            retrieve_batch.request(batch_id), timeout=timeout, retry_budget=retry_budget, extra_headers=extra_headers
        ).parsed

    def wait_for_batch(
        self,
        batch_id: str,
        *,
        timeout: float,
        on_poll: Callable[[models.Batch], object] | None = None,
        min_delay: float = 5,
        max_delay: float = 60,
        raise_on_failure: bool = False,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Batch:
        """Wait until the Batch reaches a final status, successful or not.

        Transient errors (no connection, status 408, 429, 500 and above) do not end the wait. After a good
        answer, an odd answer such as the page of a proxy, or a single 400 or 401, does not end it either;
        three in a row do. Errors that cannot pass end it at once: a certificate that does not verify, or a
        host name that has not been resolved for a minute. Failures are logged, and a long outage is logged
        every ten minutes. After an interruption, call the method again with the same id.

        Args:
            batch_id: The id of the batch.
            timeout: The maximum wait in seconds, the last request included; only the resolution of the host
                name may take longer. The last poll begins at most 5 seconds before the timeout. With 0,
                there is one poll.
            on_poll: Called with the Batch after each poll. The async client also accepts an async function.
            min_delay: The shortest time between two polls, in seconds.
            max_delay: The longest time between two polls, in seconds. The delays grow to this limit, with
                jitter. A longer Retry-After of the server is honoured.
            raise_on_failure: Whether to raise an exception if the Batch did not succeed, or if all of its
                requests failed.
            extra_headers: Additional headers for this call. They replace the client's headers.

        Raises:
            WaitTimeoutError: No final status was reached in time. `batch` is the last polled state.
            BatchNotSucceededError: With `raise_on_failure`, the Batch did not succeed. The subclass depends
                on the status. `batch` is the final state.
            NotFoundError: The Batch was not found three times in a row.
            APIStatusError, UnexpectedResponseError: The first answer, or three answers in a row, were odd.
                `batch_id` of this and every other exception is the id.
            APIConnectionError: A failure that cannot pass.
            TypeError: on_poll is an async function, and the client is not async. Nothing was sent.
            ValueError: The id is not valid in a URL path, or a duration is negative or not a number.
                Nothing was sent.
        """
        return self._run(
            _runtime.waiting.wait(
                self._call_options(None, None, extra_headers),
                batch_id,
                retrieve_batch.request(batch_id),
                models.Batch.LIFECYCLE,
                timeout=timeout,
                on_poll=self._callback("on_poll", on_poll),
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
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Stop a batch that is still being processed.

        The status is `cancelling` for up to ten minutes, until the running requests end, and then
        `cancelled`. The output file contains the responses to the requests that finished before.

        If the server refuses because the Batch is already `cancelling` or has a final status, the current
        Batch is returned.

        Args:
            batch_id: The id of the batch to cancel.
            wait: Whether to wait for a final status. `timeout` is then required.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout. With
                `wait`, the seconds for the whole wait.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract, or is
                about another Batch, or is larger than 64 MiB.
            APIConnectionError: No response arrived. `permanent` says whether a retry would surely fail.
            ClientStateError: The client is closed, or belongs to another process or event loop. Nothing was
                sent.
            WaitTimeoutError: With `wait`, no final status was reached in time.
            ValueError: An id is not valid in a URL path. Nothing was sent.
        """
        return self._run(
            _runtime.waiting.transition(
                self._call_options(timeout, retry_budget, extra_headers),
                batch_id,
                cancel_batch.request(batch_id),
                retrieve_batch.request(batch_id),
                models.Batch.LIFECYCLE,
                target="cancelling",
                wait=wait,
            )
        )


class AsyncBatchAPI(AsyncClient):
    """Large sets of requests that are processed together, asynchronously.

    The twin of BatchAPI for asyncio and trio.

    Call `close`, or use it as a context manager, to close the connections.
    """

    _default_base_url = "https://api.openai.com/v1"
    _user_agent = "openai-batch-client/0.2.0"

    async def create_batch(
        self,
        *,
        input_file_id: str,
        endpoint: models.BatchEndpoint,
        completion_window: models.BatchCompletionWindow,
        metadata: models.Metadata | None | Unset = UNSET,
        output_expires_after: models.BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        restartable: bool = False,
        settling_time: float | None = 30.0,
        max_age: float = 604_800.0,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Create a batch from an uploaded file of requests.

        The service validates the file, then processes its requests within the completion window. It returns
        the new batch immediately, normally with the status `validating`.

        Without a key, a lost response raises CreateOutcomeUnknownError, and nothing is repeated.

        With a key there is one Batch or an exception, if the service lists a created Batch at most
        `settling_time` seconds after a failed attempt has ended; beyond that, no client can promise this.
        With settling_time=None the method never repeats a request that the server may have received, so
        that this condition is not needed.

        A later call with the same key returns the same Batch, in this process or another process, whatever
        its status. To try again after a failure, use another key. The API key needs the permission to list.

        Without `restartable`, a process that was killed during the call and is started again within
        `settling_time` can create a second Batch. Two processes that use a key at the same time find each
        other's Batch after the create, and the later Batch is cancelled while it is new. If three processes
        do so, or if the list does not show a new Batch at once, two can remain.

        Args:
            input_file_id: The id of a file that was uploaded with the purpose `batch`. The file contains
                one JSON request per line, at most 50,000 lines and 200 MB.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch. None is sent as null.
            output_expires_after: The lifetime of the output file and the error file. If it is absent, the
                service decides.
            idempotency_key: A unique key for this Batch, at most 512 characters. It is stored in
                metadata.idempotency_key, and a digest of the arguments in metadata.idempotency_stamp.
            restartable: Whether `settling_time` passes before the first request, so that the list shows
                what a killed process has sent. The time since a `find_batch` with the same key counts.
            settling_time: Seconds in which the service lists a created Batch. After a failed attempt, the
                method looks at the list until this time has passed, and then repeats the request, up to 8
                times in all. None: it never repeats.
            max_age: The key is looked for in this time before the newest Batch of the list, in seconds. If
                the list is not sorted by time, it is read as a whole, at most 1,000 pages.
            extra_body: Additional fields of the request's body, which replace fields of the same name.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract, or is
                larger than 64 MiB.
            APIConnectionError: No response arrived. `permanent` says whether a retry would surely fail.
            ClientStateError: The client is closed, or belongs to another process or event loop. Nothing was
                sent.
            CreateOutcomeUnknownError: The Batch may or may not exist. `candidates` are the ids that it may
                have.
            IdempotencyConflictError: The key belongs to a Batch with other arguments. `batch` is that
                Batch.
            DuplicateBatchError: Two processes created a Batch with the key. `batches` are both.
            MetadataNotKeptError: The service does not store the key. `batch` is the created Batch.
            PaginationError: With a key, the list is not well-formed. Nothing was created.
            ValueError: The key is too long, or metadata has no room for it. Nothing was sent.
        """
        return await self._run(
            _runtime.creating.create_once(
                self._call_options(timeout, retry_budget, extra_headers),
                self._listings,
                self._account,
                create_batch.request(
                    body=models.CreateBatchRequest(
                        input_file_id=input_file_id,
                        endpoint=endpoint,
                        completion_window=completion_window,
                        metadata=metadata,
                        output_expires_after=output_expires_after,
                    )
                ).with_extra(extra_body),
                _create_batch_service(),
                key=idempotency_key,
                restartable=restartable,
                settling_time=settling_time,
                max_age=max_age,
            )
        )

    async def find_batch(
        self,
        *,
        idempotency_key: str,
        max_age: float = 604_800.0,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch | None:
        """Find the Batch that was created with an idempotency key. Nothing is created.

        If several have the key, the first that has not failed is returned.

        Args:
            idempotency_key: The key that was passed to create_batch.
            max_age: The key is looked for in this time before the newest Batch of the list, in seconds.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Returns:
            The Batch, in any status, or None.

        Raises:
            PaginationError: The list is not well-formed, or has more than 1,000 pages.
            APIStatusError, UnexpectedResponseError, APIConnectionError: A request failed.
            ValueError: The key is empty or too long, or max_age is not a number of seconds. Nothing was
                sent.
        """
        found: models.Batch | None = await self._run(
            _runtime.creating.find(
                self._call_options(timeout, retry_budget, extra_headers),
                self._listings,
                _create_batch_service(),
                operation=create_batch.OPERATION.id,
                key=idempotency_key,
                max_age=max_age,
            )
        )
        return found

    async def submit_batch(
        self,
        requests: str | PathLike[str] | Iterable[Any],
        *,
        endpoint: models.BatchEndpoint,
        completion_window: models.BatchCompletionWindow = "24h",
        metadata: models.Metadata | None | Unset = UNSET,
        output_expires_after: models.BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        restartable: bool = True,
        settling_time: float | None = 30.0,
        max_age: float = 604_800.0,
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Submit requests as a Batch: check them, upload them and create the Batch.

        All lines are checked before anything is sent. If the key is found, nothing is uploaded, so that a
        restarted job goes on where it was killed. The promise of create_batch holds for the key; the same
        key with other lines is a conflict.

        Args:
            requests: The path of a JSON Lines file, or an iterable of lines: mappings, models, or pairs of
                custom_id and body. In a pair, method and url follow from the endpoint. An iterable is
                written to a temporary file without a name.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch. None is sent as null.
            output_expires_after: The lifetime of the output file and the error file. If it is absent, the
                service decides.
            idempotency_key: A unique key for this Batch; see create_batch.
            restartable: With a key, whether `settling_time` passes between the first look for the key and
                the create request, so that the list shows what a killed process has sent. The time of the
                upload counts.
            settling_time: Seconds in which the service lists a created Batch; see create_batch.
            max_age: The key is looked for in this time before the newest Batch of the list, in seconds.
            on_progress: Called with a Progress while lines are checked and bytes are sent. It must not be
                an async function.
            extra_body: Additional fields of the request's body, which replace fields of the same name.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Returns:
            The Batch.

        Raises:
            ValueError: The requests are not valid. The message has the first ten faults with line numbers.
                Nothing was sent. Or the file has changed since it was checked. It was not used.
            OSError: The file cannot be read.
            TypeError: on_progress is an async function. Nothing was sent.
            BatchAPIError: The upload failed, or as for create_batch.
        """
        return await self._run(
            _runtime.jobs.submit(
                _runtime.jobs.Job(
                    self._call_options(timeout, retry_budget, extra_headers),
                    self._listings,
                    self._account,
                    _create_batch_service(),
                    create_batch.INPUT_FILE,
                    create_batch.request(
                        body=models.CreateBatchRequest(
                            input_file_id="",
                            endpoint=endpoint,
                            completion_window=completion_window,
                            metadata=metadata,
                            output_expires_after=output_expires_after,
                        )
                    ).with_extra(extra_body),
                    "input_file_id",
                    key=idempotency_key,
                    restartable=restartable,
                    settling_time=settling_time,
                    max_age=max_age,
                    on_progress=on_progress,
                ),
                requests,
            )
        )

    async def submit_batches(
        self,
        requests: str | PathLike[str] | Iterable[Any],
        *,
        endpoint: models.BatchEndpoint,
        completion_window: models.BatchCompletionWindow = "24h",
        metadata: models.Metadata | None | Unset = UNSET,
        output_expires_after: models.BatchFileExpirationAfter | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        restartable: bool = True,
        settling_time: float | None = 30.0,
        max_age: float = 604_800.0,
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> list[models.Batch]:
        """Submit requests in as many batches as their number and size demand: check them, upload them and
        create the Batches.

        All lines are checked before anything is sent. If the key is found, nothing is uploaded, so that a
        restarted job goes on where it was killed. The promise of create_batch holds for each part; the same
        key with other lines is a conflict. Each part has its own key: the given key, a slash, and the
        number of the part.

        Args:
            requests: The path of a JSON Lines file, or an iterable of lines: mappings, models, or pairs of
                custom_id and body. In a pair, method and url follow from the endpoint. An iterable is
                written to a temporary file without a name.
            endpoint: The endpoint for all requests of the file.
            completion_window: The time within which the service must process the batch.
            metadata: Key-value pairs that the service stores with the batch. None is sent as null.
            output_expires_after: The lifetime of the output file and the error file. If it is absent, the
                service decides.
            idempotency_key: A unique key for this job; see create_batch.
            restartable: With a key, whether `settling_time` passes between the first look for the key and
                the create request, so that the list shows what a killed process has sent. The time of the
                upload counts.
            settling_time: Seconds in which the service lists a created Batch; see create_batch.
            max_age: The key is looked for in this time before the newest Batch of the list, in seconds.
            on_progress: Called with a Progress while lines are checked and bytes are sent. It must not be
                an async function.
            extra_body: Additional fields of the request's body, which replace fields of the same name.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Returns:
            The batches, in the order of the requests.

        Raises:
            ValueError: The requests are not valid. The message has the first ten faults with line numbers.
                Nothing was sent. Or the file has changed since it was checked. It was not used.
            OSError: The file cannot be read.
            TypeError: on_progress is an async function. Nothing was sent.
            BatchAPIError: The upload failed, or as for create_batch.
        """
        return await self._run(
            _runtime.jobs.submit_all(
                _runtime.jobs.Job(
                    self._call_options(timeout, retry_budget, extra_headers),
                    self._listings,
                    self._account,
                    _create_batch_service(),
                    create_batch.INPUT_FILE,
                    create_batch.request(
                        body=models.CreateBatchRequest(
                            input_file_id="",
                            endpoint=endpoint,
                            completion_window=completion_window,
                            metadata=metadata,
                            output_expires_after=output_expires_after,
                        )
                    ).with_extra(extra_body),
                    "input_file_id",
                    key=idempotency_key,
                    restartable=restartable,
                    settling_time=settling_time,
                    max_age=max_age,
                    on_progress=on_progress,
                ),
                requests,
            )
        )

    def iter_results(
        self,
        batch: models.Batch,
        *,
        requests: str | PathLike[str] | Iterable[Any] | None = None,
        with_missing: bool = False,
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> AsyncIterator[_runtime.results.RequestResult]:
        """Iterate over the results of a Batch: the lines of its output file, and then of its error file.

        The files are read in chunks. A download that is cut is resumed; no line is repeated or left out. A
        line that cannot be read is a result with an error. An answer with a 4xx or 5xx status is an error,
        too.

        Args:
            batch: The Batch, with a final status.
            requests: The requests, as they were submitted. With them, a request in neither file is a result
                with an error.
            with_missing: Whether to read the requests from the input file, if `requests` is not passed.
            on_progress: Called with a Progress after each chunk. It must not be an async function.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            ValueError: The status of the Batch is not final, or its requests are not known. Nothing was
                sent.
            OSError: There is no file at the path `requests`. Nothing was sent.
            TypeError: on_progress is an async function. Nothing was sent.
            BatchAPIError: A file could not be read to its end.
        """
        results = _runtime.results.Results(
            self._call_options(timeout, retry_budget, extra_headers), models.Batch.FILES, batch, requests, on_progress
        )
        return self._iterate(results.iterate(with_missing or requests is not None))

    def remaining_requests(
        self,
        batch: models.Batch,
        *,
        requests: str | PathLike[str] | Iterable[Any] | None = None,
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> AsyncIterator[Any]:
        """Iterate over the requests that have no answer and may be sent again, as input for another Batch.

        Args:
            batch: The Batch, with a final status.
            requests: The requests, as they were submitted. Default: the lines of the input file.
            on_progress: Called with a Progress after each chunk. It must not be an async function.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            ValueError: The status of the Batch is not final, or its requests are not known. Nothing was
                sent.
            OSError: There is no file at the path `requests`. Nothing was sent.
            TypeError: on_progress is an async function. Nothing was sent.
            BatchAPIError: A file could not be read to its end.
        """
        results = _runtime.results.Results(
            self._call_options(timeout, retry_budget, extra_headers), models.Batch.FILES, batch, requests, on_progress
        )
        return self._iterate(results.remaining())

    async def download_file(
        self,
        file_id: str,
        *,
        to: str | PathLike[str],
        on_progress: Callable[[_runtime.files.Progress], object] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> Path:
        """Download a file. `to` then has the whole file, or is unchanged.

        Args:
            file_id: The id of the file.
            to: The path of the file to write.
            on_progress: Called with a Progress after each chunk. It must not be an async function.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Returns:
            The path.

        Raises:
            BatchAPIError: The file could not be read to its end.
            OSError: The file could not be written.
            TypeError: on_progress is an async function. Nothing was sent.
        """
        return await self._run(
            _runtime.files.download_to(
                self._call_options(timeout, retry_budget, extra_headers),
                create_batch.INPUT_FILE,
                file_id,
                to,
                on_progress,
            )
        )

    async def list_batches(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.ListBatchesResponse:
        """List the organization's batches, newest first.

        Returns one page. Pass the id of its last batch as `after` to get the next page.

        Args:
            after: The id of a batch. The page starts with the next batch in the list.
            limit: The maximum number of batches in the page, from 1 to 100. The server's default is 20.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract, or is
                larger than 64 MiB.
            APIConnectionError: No response arrived. `permanent` says whether a retry would surely fail.
            ClientStateError: The client is closed, or belongs to another process or event loop. Nothing was
                sent.
        """
        return (
            await self.send(
                list_batches.request(after=after, limit=limit),
                timeout=timeout,
                retry_budget=retry_budget,
                extra_headers=extra_headers,
            )
        ).parsed

    def iter_batches(
        self,
        *,
        page_size: int = 100,
        created_after: date | float | str | None = None,
        created_before: date | float | str | None = None,
        max_items: int | None = None,
        after: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
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
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            PaginationError: The cursors repeat, or the cursor of the next page is missing or not valid.
            APIStatusError, UnexpectedResponseError, APIConnectionError: As for list_batches.
            ValueError: A date or time is invalid, or max_items is negative. Nothing was sent.
        """
        return self._iterate(
            _runtime.paging.iterate(
                self._call_options(timeout, retry_budget, extra_headers),
                list_batches.request,
                list_batches.PAGINATION,
                filters={},
                page_size=page_size,
                span=(created_after, created_before),
                max_items=max_items,
                after=after,
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
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[models.Batch]:
        """Yield each Batch when it reaches a final status, successful or not.

        One list request polls up to 100 items. Older items are retrieved one by one. An id that is not
        found, or not shown, three times in a row is logged and given up; the others are waited for. Other
        failures are handled as by wait_for_batch.

        Args:
            ids: The ids to wait for.
            timeout: The maximum wait for all ids, in seconds, the last request included.
            on_poll: Called with each Batch after each poll. The async client also accepts an async
                function.
            min_delay: The shortest time between two rounds of polls, in seconds.
            max_delay: The longest time between two rounds of polls, in seconds. A longer Retry-After of the
                server is honoured.
            extra_headers: Additional headers for this call. They replace the client's headers.

        Raises:
            WaitTimeoutError: Some ids did not reach a final status in time. `pending` contains them.
            MissingBatchesError: Some ids were given up. It comes after all others were yielded. `missing`
                contains the ids, and `batches` the others.
            APIStatusError, UnexpectedResponseError, PaginationError: The first answer, or three answers in
                a row, were odd. `pending` of this and every other exception contains the ids without a
                final status.
            APIConnectionError: A failure that cannot pass.
            TypeError: on_poll is an async function, and the client is not async. Nothing was sent.
            ValueError: An id is not valid in a URL path, or a duration is negative or not a number. Nothing
                was sent.
        """
        return self._iterate(
            _runtime.waiting.wait_for_all(
                self._call_options(None, None, extra_headers),
                ids,
                retrieve_batch.request,
                models.Batch.LIFECYCLE,
                list_batches.request,
                list_batches.PAGINATION,
                timeout=timeout,
                on_poll=self._callback("on_poll", on_poll),
                min_delay=min_delay,
                max_delay=max_delay,
            )
        )

    async def retrieve_batch(
        self,
        batch_id: str,
        *,
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Get the current state of a batch.

        A batch takes minutes to hours. Wait some seconds between two requests.

        Args:
            batch_id: The id of the batch.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract, or is
                about another Batch, or is larger than 64 MiB.
            APIConnectionError: No response arrived. `permanent` says whether a retry would surely fail.
            ClientStateError: The client is closed, or belongs to another process or event loop. Nothing was
                sent.
            ValueError: An id is not valid in a URL path. Nothing was sent.
        """
        return (
            await self.send(
                retrieve_batch.request(batch_id),
                timeout=timeout,
                retry_budget=retry_budget,
                extra_headers=extra_headers,
            )
        ).parsed

    async def wait_for_batch(
        self,
        batch_id: str,
        *,
        timeout: float,
        on_poll: Callable[[models.Batch], object] | None = None,
        min_delay: float = 5,
        max_delay: float = 60,
        raise_on_failure: bool = False,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Batch:
        """Wait until the Batch reaches a final status, successful or not.

        Transient errors (no connection, status 408, 429, 500 and above) do not end the wait. After a good
        answer, an odd answer such as the page of a proxy, or a single 400 or 401, does not end it either;
        three in a row do. Errors that cannot pass end it at once: a certificate that does not verify, or a
        host name that has not been resolved for a minute. Failures are logged, and a long outage is logged
        every ten minutes. After an interruption, call the method again with the same id.

        Args:
            batch_id: The id of the batch.
            timeout: The maximum wait in seconds, the last request included; only the resolution of the host
                name may take longer. The last poll begins at most 5 seconds before the timeout. With 0,
                there is one poll.
            on_poll: Called with the Batch after each poll. The async client also accepts an async function.
            min_delay: The shortest time between two polls, in seconds.
            max_delay: The longest time between two polls, in seconds. The delays grow to this limit, with
                jitter. A longer Retry-After of the server is honoured.
            raise_on_failure: Whether to raise an exception if the Batch did not succeed, or if all of its
                requests failed.
            extra_headers: Additional headers for this call. They replace the client's headers.

        Raises:
            WaitTimeoutError: No final status was reached in time. `batch` is the last polled state.
            BatchNotSucceededError: With `raise_on_failure`, the Batch did not succeed. The subclass depends
                on the status. `batch` is the final state.
            NotFoundError: The Batch was not found three times in a row.
            APIStatusError, UnexpectedResponseError: The first answer, or three answers in a row, were odd.
                `batch_id` of this and every other exception is the id.
            APIConnectionError: A failure that cannot pass.
            TypeError: on_poll is an async function, and the client is not async. Nothing was sent.
            ValueError: The id is not valid in a URL path, or a duration is negative or not a number.
                Nothing was sent.
        """
        return await self._run(
            _runtime.waiting.wait(
                self._call_options(None, None, extra_headers),
                batch_id,
                retrieve_batch.request(batch_id),
                models.Batch.LIFECYCLE,
                timeout=timeout,
                on_poll=self._callback("on_poll", on_poll),
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
        extra_headers: Mapping[str, str] | None = None,
        retry_budget: float | None = None,
        timeout: Timeout | None = None,
    ) -> models.Batch:
        """Stop a batch that is still being processed.

        The status is `cancelling` for up to ten minutes, until the running requests end, and then
        `cancelled`. The output file contains the responses to the requests that finished before.

        If the server refuses because the Batch is already `cancelling` or has a final status, the current
        Batch is returned.

        Args:
            batch_id: The id of the batch to cancel.
            wait: Whether to wait for a final status. `timeout` is then required.
            extra_headers: Additional headers for this call. They replace the client's headers.
            retry_budget: Seconds in which a failed request may be retried; None means the client's budget.
            timeout: Seconds for one attempt, or an httpx.Timeout; None means the client's timeout. With
                `wait`, the seconds for the whole wait.

        Raises:
            APIStatusError: The server refused the request. The subclass depends on the status.
            UnexpectedResponseError: The status is a success, but the body does not fit the contract, or is
                about another Batch, or is larger than 64 MiB.
            APIConnectionError: No response arrived. `permanent` says whether a retry would surely fail.
            ClientStateError: The client is closed, or belongs to another process or event loop. Nothing was
                sent.
            WaitTimeoutError: With `wait`, no final status was reached in time.
            ValueError: An id is not valid in a URL path. Nothing was sent.
        """
        return await self._run(
            _runtime.waiting.transition(
                self._call_options(timeout, retry_budget, extra_headers),
                batch_id,
                cancel_batch.request(batch_id),
                retrieve_batch.request(batch_id),
                models.Batch.LIFECYCLE,
                target="cancelling",
                wait=wait,
            )
        )


__all__ = ["AsyncBatchAPI", "BatchAPI"]
