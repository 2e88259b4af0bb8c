"""The embedded server as an ASGI application: routes for the contract's operations and for its files."""

import logging
import re
import secrets
from collections.abc import Iterator, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scripts.openapi.contract import Contract

from . import errors
from .authorization import Authorization
from .clock import ServerClock
from .contract_validation import ContractValidator
from .endpoints import Endpoint, file_response, operation_endpoint
from .errors import RequestRejected, error_response
from .file_store import StoredFile
from .form_body import MULTIPART
from .request_body import MAX_JSON_BYTES, MAX_UPLOAD_BYTES, LimitedBody
from .resources import request_content
from .server_store import ServerStore
from .status_timeline import Pace
from .strict_json import parse

# Ten times the window of a batch, at least, so that a test can step over it.
MAX_CLOCK_STEP = 1_000_000_000

logger = logging.getLogger("batch_server")


def create_app(
    contract: Contract,
    *,
    key: str,
    clock: ServerClock | None = None,
    pace: Pace | None = None,
    validate_responses: bool = True,
) -> "Application":
    """Create the server as an ASGI application.

    Args:
        contract: The contract with the operations, which are served below the path of its first server.
        key: The API key that requests must send.
        clock: The clock of the server. Default: real time.
        pace: How long an object stays in each status. Default: seconds, and two requests a second.
        validate_responses: Whether each response is validated, too. That takes milliseconds for a page of a hundred
            batches. An invalid response becomes status 500.
    """
    clock = clock or ServerClock()
    store = ServerStore(contract, clock, pace or Pace())
    validator = ContractValidator(contract)
    paths: dict[str, dict[str, Endpoint]] = {}
    for operation in contract.operations:
        endpoint = operation_endpoint(operation, store, validator, validate_responses)
        paths.setdefault(operation.path, {})[operation.method] = endpoint
    for path, methods in _file_endpoints(contract, store):
        if path not in {re.sub(r"\{[^}]*\}", "{file_id}", path) for path in paths}:
            paths[path] = methods
    routes = [
        Route("/-/clock", _step_clock(clock), methods=["POST"]),
        Route("/-/status", _lead(store), methods=["POST"]),
        # Paths without parameters come first, so that /batches/latest would not be read as the id of a batch.
        *(
            Route(contract.server_path + path, _by_method(paths[path]), methods=list(paths[path]))
            for path in sorted(paths, key=lambda path: path.count("{"))
        ),
    ]
    app = Starlette(routes=routes, exception_handlers=errors.HANDLERS)
    return Application(app, contract, Authorization(contract, key), store, clock)


class Application:
    """Checks the API key, limits bodies, adds a request id to each response, and logs unexpected errors."""

    def __init__(
        self, app: ASGIApp, contract: Contract, authorization: Authorization, store: ServerStore, clock: ServerClock
    ) -> None:
        self.store = store
        self.clock = clock
        self._app = app
        self._authorization = authorization
        uploads = {file["upload"]["path"] for file in contract.files.values() if "upload" in file}
        uploads |= {one.path for one in contract.operations if request_content(one)[0] == MULTIPART}
        patterns = [re.sub(r"\\\{[^}]*\}", "[^/]+", re.escape(contract.server_path + path)) for path in uploads]
        self._upload_path = re.compile("|".join(patterns) or r"(?!)")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request_id = f"req_{secrets.token_hex(16)}".encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        if fault := self._authorization.fault(scope["method"], scope["path"], dict(scope["headers"])):
            await error_response(401, fault, code="invalid_api_key")(scope, receive, send_with_id)
            return
        limit = MAX_UPLOAD_BYTES if self._upload_path.fullmatch(scope["path"]) else MAX_JSON_BYTES
        try:
            await self._app(scope, LimitedBody(scope, receive, limit), send_with_id)
        except Exception:
            # Starlette has sent the response of the handler for Exception, and raises the exception again.
            logger.exception("%s %s failed", scope["method"], scope["path"])


def _by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    """An endpoint for all operations of a path, so that the error for other methods can list the allowed methods."""

    async def endpoint(request: Request) -> Response:
        # Starlette allows HEAD wherever it allows GET.
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return endpoint


def _file_endpoints(contract: Contract, store: ServerStore) -> Iterator[tuple[str, dict[str, Endpoint]]]:
    """The paths that x-file names, and a path for the file object."""
    uploads: dict[str, dict[str, int | None]] = {}
    for file in contract.files.values():
        if "upload" in file:
            limits = uploads.setdefault(file["upload"]["path"], {})
            limits[file["upload"]["purpose"]] = file.get("max_bytes")
    for path, limits in uploads.items():
        yield path, {"POST": _upload_file(store, limits)}
        yield f"{path}/{{file_id}}", {"GET": _retrieve_file(store)}
    for content in sorted({file["content"] for file in contract.files.values()}):
        yield content, {"GET": _download_file(store)}


def _upload_file(store: ServerStore, limits: Mapping[str, int | None]) -> Endpoint:
    """The endpoint for uploads; `limits` has the largest size for each purpose."""
    expected = "' or '".join(limits)

    async def endpoint(request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith(MULTIPART):
            raise RequestRejected(400, "An upload must be multipart/form-data.")
        async with request.form(max_files=1, max_fields=10) as form:
            upload, purpose = form.get("file"), form.get("purpose")
            if upload is None or isinstance(upload, str):
                raise RequestRejected(400, "The upload has no file.", param="file")
            if not isinstance(purpose, str) or purpose not in limits:
                raise RequestRejected(400, f"The purpose must be '{expected}'.", param="purpose")
            limit = limits[purpose]
            if limit is not None and (upload.size or 0) > limit:
                raise RequestRejected(413, f"The limit for a file is {limit} bytes.", param="file")
            # The upload can declare a character set that decodes to half surrogate pairs, which JSON cannot have.
            filename = (upload.filename or "upload").encode("utf-8", "replace").decode()
            return JSONResponse(store.files.upload(filename, purpose, await upload.read()).to_dict())

    return endpoint


def _retrieve_file(store: ServerStore) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(_stored_file(store, request).to_dict())

    return endpoint


def _download_file(store: ServerStore) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return file_response(_stored_file(store, request).content, request.headers, "application/octet-stream")

    return endpoint


def _stored_file(store: ServerStore, request: Request) -> StoredFile:
    ((param, file_id),) = request.path_params.items()
    stored = store.files.by_id.get(file_id)
    if stored is None:
        raise RequestRejected(404, f"No file with the id '{file_id}' exists.", param=param)
    return stored


def _step_clock(clock: ServerClock) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if clock.speed:
            raise RequestRejected(404, "The clock of this server cannot be stepped; start it with --speed 0.")
        try:
            seconds = float(parse(await request.body())["step"])
            if not 0 <= seconds <= MAX_CLOCK_STEP:
                raise ValueError
        except (KeyError, TypeError, ValueError):
            message = f"The body must be a JSON object with 'step', a number of seconds from 0 to {MAX_CLOCK_STEP}."
            raise RequestRejected(400, message, param="step") from None
        clock.step(seconds)
        return JSONResponse({"now": clock.now()})

    return endpoint


def _lead(store: ServerStore) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            wanted = parse(await request.body())
            object_id, status = str(wanted["id"]), str(wanted["status"])
        except (KeyError, TypeError, ValueError):
            message = "The body must be a JSON object with 'id' and 'status'."
            raise RequestRejected(400, message) from None
        store.lead(object_id, status)
        return JSONResponse({"id": object_id, "status": status})

    return endpoint
