"""Submits requests as a batch: builds and checks the input file, uploads it and creates the batch."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any, Generic, NamedTuple, TypeVar

from .batch import check_line, make_line
from .creating import Completion, create_once
from .files import OnProgress, check_progress, path_of, upload
from .flows import Flow, Work
from .lines import InputFile, InputLines
from .listing import Listing, Service
from .messages import Request
from .options import CallOptions
from .spec import FileSpec

T = TypeVar("T")


class Job(NamedTuple, Generic[T]):
    """The arguments that the methods for requests share."""

    options: CallOptions
    listings: dict[str, Listing]
    account: int
    service: Service[T]
    input_file: FileSpec
    request: Request[T]
    """The create request, without the id of the file."""
    file_field: str
    """The field of the request's body for the id of the file."""
    key: str | None
    restartable: bool
    settling_time: float | None
    max_age: float
    on_progress: OnProgress | None

    def lines(self) -> InputLines:
        check_progress(self.on_progress)
        arguments: Mapping[str, Any] = self.request.json
        values = [arguments.get(argument) for _, argument in self.input_file.equal]

        def make(item_id: str, body: Any) -> Mapping[str, Any]:
            return make_line(item_id, body, *values)

        return InputLines(self.input_file, arguments, make, check_line, self.on_progress)


def submit(job: Job[T], requests: Any) -> Flow[T]:
    """Build, check and upload an input file, and create the object. If the key is found, nothing is uploaded.

    Raises:
        ValueError: The requests or another argument are not valid. Nothing was sent.
        BatchAPIError: As for the create operation, or the upload failed.
    """
    lines = job.lines()
    input_file: InputFile = yield from _worked(requests, lambda: lines.build(requests))
    with closing(input_file):
        return (yield from _create(job, input_file, job.key))


def submit_all(job: Job[T], requests: Any) -> Flow[list[T]]:
    """Like `submit`, with as many files and objects as the limits of a file demand. All lines are checked first.

    Each part has its own key: the given key, a slash, and the number of the part.
    """
    lines = job.lines()
    with ExitStack() as stack:

        def build() -> list[InputFile]:
            return [stack.enter_context(closing(part)) for part in lines.parts(requests)]

        parts: list[InputFile] = yield from _worked(requests, build)
        if job.key is not None:
            # A key that is too long must not be found after other parts were created.
            for key in (job.key, f"{job.key}/{len(parts)}"):
                job.service.spec.validate_token(key)
        created = []
        for number, part in enumerate(parts, 1):
            created.append((yield from _create(job, part, None if job.key is None else f"{job.key}/{number}")))
        return created


def _worked(requests: Any, function: Callable[[], Any]) -> Flow[Any]:
    """Call a function that reads the requests; in another thread, unless the caller's code runs in it."""
    if isinstance(requests, Sequence) or path_of(requests) is not None:
        return (yield Work(function))
    return function()


def _create(job: Job[T], input_file: InputFile, key: str | None) -> Flow[T]:
    request = job.request

    def complete() -> Flow[Request[T]]:
        file_id = yield from upload(
            job.options,
            job.input_file,
            input_file.file,
            name=input_file.name,
            size=input_file.size,
            digest=input_file.digest,
            on_progress=job.on_progress,
        )
        return request._replace(json={**request.json, job.file_field: file_id})

    identity = {**request.json, "lines": input_file.digest}
    return (
        yield from create_once(
            job.options,
            job.listings,
            job.account,
            request,
            job.service,
            key=key,
            restartable=job.restartable and key is not None and job.settling_time is not None,
            settling_time=job.settling_time,
            max_age=job.max_age,
            complete=Completion(identity, complete),
        )
    )
