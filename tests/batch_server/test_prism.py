"""Prism serves the contract's examples, and validates every request of the client."""

import fcntl
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings

from openai_batch_client import APIStatusError, BatchAPIError, UnexpectedResponseError
from scripts.batch_server.client_names import client_name
from scripts.batch_server.running import listening_socket
from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract, ContractOperation
from tests.support import drawing
from tests.support.twin import Tally, Twin

# The only place with the version.
PRISM = "@stoplight/prism-cli@5.16.0"
CONTRACT = Contract.load()
each_operation = pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.name)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Prism server for openapi.yaml. Without npm the tests are skipped, but in CI they fail."""
    if shutil.which("npm") is None:
        assert not os.environ.get("CI"), "CI must run Prism, but npm is not installed"
        pytest.skip("Prism needs npm; install Node.js to run this test")
    log = tmp_path_factory.mktemp("prism") / "log"
    with listening_socket("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [installed(), "mock", "--port", str(port), "--errors", "--verboseLevel", "warn", str(OPENAPI_YAML)],
            stdout=output,
            stderr=subprocess.STDOUT,
            # Some drawn URLs are longer than Node accepts by default.
            env={**os.environ, "NODE_OPTIONS": "--max-http-header-size=1000000"},
        )
    try:
        for _ in range(300):
            if process.poll() is not None:
                break
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        assert process.poll() is None, log.read_text("utf-8")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def installed() -> str:
    """The Prism command; it is installed at the first call."""
    folder = ROOT / ".venv" / f"prism-{PRISM.rpartition('@')[2]}"
    folder.mkdir(parents=True, exist_ok=True)
    with folder.joinpath("complete").open("a+") as complete:
        # Two test workers may install it at the same time.
        fcntl.flock(complete, fcntl.LOCK_EX)
        if not complete.tell():
            command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder), PRISM]
            ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=280)
            if ended.returncode:
                assert not os.environ.get("CI"), f"CI must run Prism, but npm cannot install it: {ended.stderr}"
                pytest.skip("npm cannot install Prism; this test needs the npm registry")
            complete.write("yes")
    return str(folder / "node_modules" / ".bin" / "prism")


class ViolationCheck:
    """Fails for each request with a violation, which Prism reports in a response header."""

    def __init__(self, twin: Twin, tally: Tally) -> None:
        self.tally = tally
        check = self.check_async if twin.prefix else self.check
        self.http_client: Any = twin.http_client(event_hooks={"response": [check]})

    def check(self, response: httpx.Response) -> None:
        """Fail if Prism reports a violation."""
        assert "sl-violations" not in response.headers, response.headers["sl-violations"]
        self.tally.cases += 1

    async def check_async(self, response: httpx.Response) -> None:
        """The async twin of `check`."""
        self.check(response)


@each_operation
def test_requests_are_valid(operation: ContractOperation, url: str, twin: Twin, judged: Any) -> None:
    """Prism finds no violation in requests with drawn arguments, and the client parses its responses."""
    violations = ViolationCheck(twin, judged("Prism", "requests with drawn arguments"))
    with twin.connected(url, title=client_name(operation), http_client=violations.http_client) as api:

        @settings(max_examples=max(settings().max_examples // 6, 10))
        @given(drawing.arguments(operation))
        def send(arguments: drawing.Arguments) -> None:
            result = twin.ended(api, operation.name, arguments.all)
            # Prism answers with the contract's example, whose id is another one.
            is_other = isinstance(result, UnexpectedResponseError) and str(result.field).endswith(".id")
            assert is_other or not isinstance(result, BatchAPIError)
            assert ("content" in operation.success[1]) or result is None

        send()
    close(twin, violations)
    assert violations.tally.cases >= 10


@each_operation
def test_errors_are_raised(operation: ContractOperation, url: str, twin: Twin, judged: Any) -> None:
    """Each example of each documented error becomes an exception with the status and message of the example."""
    violations = ViolationCheck(twin, judged("Prism", "documented errors"))
    (arguments,) = drawn_arguments(operation)
    for code, response in operation.responses.items():
        if code.startswith("2"):
            continue
        examples = response.get("content", {}).get("application/json", {}).get("examples", {})
        for name, reference in examples.items():
            status = code if re.fullmatch(r"\d+", code) else "400"
            prefer = {"Prefer": f"code={status}, example={name}"}
            options = {"http_client": violations.http_client, "headers": prefer}
            with twin.connected(url, title=client_name(operation), **options) as api:
                error = twin.ended(api, operation.name, arguments.all)
            (body,) = CONTRACT.resolve(reference)["value"].values()
            cause = error.__cause__ or error
            assert isinstance(cause, APIStatusError)
            assert int(status) == cause.status
            assert body["message"] == cause.message
    close(twin, violations)
    assert violations.tally.cases


def close(twin: Twin, violations: ViolationCheck) -> None:
    """Close the HTTP client that the test passed to the API."""
    twin.run(violations.http_client.aclose() if twin.prefix else violations.http_client.close())


def drawn_arguments(operation: ContractOperation) -> list[drawing.Arguments]:
    """A list with the first drawn arguments of an operation."""
    found: list[drawing.Arguments] = []

    @settings(max_examples=1)
    @given(drawing.arguments(operation))
    def keep(arguments: drawing.Arguments) -> None:
        found[:] = [arguments]

    keep()
    return found
