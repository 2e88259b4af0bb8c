"""Parses the response of an operation: an exception for a status other than success, otherwise the result."""

from email.message import Message
from typing import TypeVar, cast

from .answer import Answer, one_line
from .clock import Clock
from .errors import UnexpectedResponseError, status_error
from .messages import Request, Response
from .reading import IDENTITY, ReadOptions, ShapeError, read_json

T = TypeVar("T")


def parse(request: Request[T], answer: Answer, options: ReadOptions, clock: Clock) -> Response[T]:
    """Read a response.

    Raises:
        APIStatusError: The status is not a success.
        UnexpectedResponseError: The body does not fit the contract.
    """
    operation = request.operation.id
    if not answer.is_success:
        raise status_error(answer, operation=operation, now=clock.now())
    if answer.problem is not None:
        advice = "" if request.media_type is None else "; save it to a path instead"
        raise UnexpectedResponseError(answer, operation=operation, reason=answer.problem + advice)
    try:
        parsed = _result(request, answer, options)
    except ShapeError as error:
        raise UnexpectedResponseError(answer, operation=operation, reason=str(error), field=error.field) from None
    except (ValueError, RecursionError) as error:
        if request.accepts_text:
            return Response(answer.status_code, answer.headers, answer.content, cast("T", None))
        is_cut = answer.content[:64].lstrip()[:1] in (b"", b"{", b"[")
        is_deep = isinstance(error, RecursionError)
        reason = "the body is nested too deeply" if is_deep else "the body is not JSON"
        raise UnexpectedResponseError(answer, operation=operation, reason=reason, is_cut=is_cut) from error
    return Response(answer.status_code, answer.headers, answer.content, parsed)


def _result(request: Request[T], answer: Answer, options: ReadOptions) -> T:
    """The result of the operation.

    Raises:
        ShapeError: The document does not have the shape of the result, or is about another id.
        ValueError: The body is not JSON.
        RecursionError: The document is nested too deeply.
    """
    document: object = None
    if request.media_type is not None:
        document = _read_file(request.media_type, answer)
    elif answer.content:
        document = read_json(answer.content)
    result = request.read(document, options)
    if request.item_id is not None and str(getattr(result, IDENTITY)) != str(request.item_id):
        found = one_line(repr(getattr(result, IDENTITY)), 100)
        raise ShapeError(
            f"{type(result).__name__}.{IDENTITY}", f"is {found}; the request was about {request.item_id!r}"
        )
    return result


def _read_file(media_type: str, answer: Answer) -> str | bytes:
    """The body of a response as text or bytes.

    Raises:
        ShapeError: The text does not have the encoding of the header Content-Type, or UTF-8 without it.
    """
    if not media_type.startswith("text/"):
        return answer.content
    message = Message()
    message["content-type"] = answer.headers.get("content-type") or media_type
    encoding = message.get_content_charset("utf-8")
    try:
        return answer.content.decode(encoding)
    except (LookupError, ValueError):
        raise ShapeError("the result", f"is not text in the encoding {one_line(encoding, 100)}") from None
