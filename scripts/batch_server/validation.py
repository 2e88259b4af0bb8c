"""Judges requests and responses by the contract, with openapi-core, wherever they come from."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.exceptions import DeserializeError
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.request.exceptions import MissingRequestBodyError, ParameterValidationError
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from werkzeug.datastructures import Headers, ImmutableMultiDict

from scripts.openapi.contract import Contract


@frozen
class Message:
    """A request, and the response to it if there is one, without any server's or client's own types."""

    method: str
    target: str
    """Path below the contract's server, percent-encoded, with the query string."""
    headers: Mapping[str, str]
    body: bytes = b""
    status: int = 0
    answer_headers: Mapping[str, str] = field(factory=dict)
    answer: bytes = b""


@frozen
class Fault:
    """Why a message is not one that the contract admits."""

    message: str
    param: str | None = None
    """The parameter or the field of the body at fault, where there is one."""


class Judge:
    """Knows one contract."""

    def __init__(self, contract: Contract) -> None:
        self._openapi = OpenAPI.from_dict(dict(contract.document))
        self._server = contract.document["servers"][0]["url"]

    def request(self, message: Message) -> Fault | None:
        """What is wrong with the request, or None."""
        try:
            self._openapi.validate_request(_Request(message, self._server))
        except OpenAPIError as error:
            return _fault(error)
        return None

    def response(self, message: Message) -> Fault | None:
        """What is wrong with the response, or None."""
        try:
            self._openapi.validate_response(_Request(message, self._server), _Response(message))
        except OpenAPIError as error:
            return _fault(error)
        return None


class _Request:
    """A request as openapi-core wants to see it."""

    def __init__(self, message: Message, server: str) -> None:
        url = urlsplit(server)
        target = urlsplit(message.target)
        self.host_url = f"{url.scheme}://{url.netloc}"
        self.path = url.path.rstrip("/") + target.path
        self.method = message.method.lower()
        self.body = message.body or None
        self.content_type = Headers(dict(message.headers)).get("content-type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(target.query, keep_blank_values=True)),
            header=Headers(dict(message.headers)),
            cookie=ImmutableMultiDict(),
        )


class _Response:
    """A response as openapi-core wants to see it."""

    def __init__(self, message: Message) -> None:
        self.status_code = message.status
        self.data = message.answer
        self.headers = Headers(dict(message.answer_headers))
        self.content_type = self.headers.get("content-type", "")


def _fault(error: BaseException) -> Fault:
    """The innermost reason that openapi-core gives, in words for whoever sent the message."""
    chain = list(_chain(error))
    named = next((one for one in chain if isinstance(one, ParameterValidationError)), None)
    param = named.name if named else None
    for one in chain:
        if isinstance(one, MissingRequestBodyError):
            return Fault("The request has no body.")
        if isinstance(one, InvalidSchemaValue):
            for violation in one.schema_errors:
                path = [str(part) for part in getattr(violation, "path", ())]
                message = str(getattr(violation, "message", violation))
                if message.endswith("is a required property"):
                    path.append(message.split("'")[1])
                return Fault(f"{'.'.join(path) or param or 'body'}: {message}", param or ".".join(path) or None)
    return Fault("; ".join(dict.fromkeys(filter(None, map(_words, chain)))), param)


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except UnicodeDecodeError:
        # openapi-core quotes a body that is not JSON, whatever bytes it is made of.
        return "The body is not text." if isinstance(error, DeserializeError) else ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
