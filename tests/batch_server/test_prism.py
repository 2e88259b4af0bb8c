"""Prism serves the contract's examples, and judges every request that the client sends."""

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

from openai_batch_client import APIStatusError
from scripts.batch_server.running import bound
from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract, ContractOperation
from tests.support import drawing
from tests.support.twin import Tally, Twin

# The only place that names the version.
PRISM = "@stoplight/prism-cli@5.16.0"
CONTRACT = Contract.load()
each_operation = pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.name)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prism that serves openapi.yaml. Without npm it is left out, but not where CI runs."""
    if shutil.which("npm") is None:
        assert not os.environ.get("CI"), "CI must run Prism, and there is no npm"
        pytest.skip("Prism needs npm, and there is none; install Node.js to run it")
    log = tmp_path_factory.mktemp("prism") / "log"
    with bound("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [installed(), "mock", "--port", str(port), "--errors", "--verboseLevel", "warn", str(OPENAPI_YAML)],
            stdout=output,
            stderr=subprocess.STDOUT,
            # Node refuses long URLs otherwise, and they are drawn.
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
    """The command of the version that we name, fetched if it is not there."""
    folder = ROOT / ".venv" / f"prism-{PRISM.rpartition('@')[2]}"
    folder.mkdir(parents=True, exist_ok=True)
    with folder.joinpath("complete").open("a+") as complete:
        # Two workers may want it at the same moment.
        fcntl.flock(complete, fcntl.LOCK_EX)
        if not complete.tell():
            subprocess.run(
                [
                    *("npm", "install", "--no-audit", "--no-fund", "--no-save"),
                    *("--prefix", str(folder), PRISM),
                ],
                check=True,
                capture_output=True,
                timeout=280,
            )
            complete.write("yes")
    return str(folder / "node_modules" / ".bin" / "prism")


class Verdicts:
    """Looks at Prism's verdict on each request."""

    def __init__(self, twin: Twin, tally: Tally) -> None:
        self.tally = tally
        look = self.look_async if twin.prefix else self.look
        self.http_client: Any = twin.http_client(event_hooks={"response": [look]})

    def look(self, response: httpx.Response) -> None:
        """Fails for a request that Prism objects to."""
        assert "sl-violations" not in response.headers, response.headers["sl-violations"]
        self.tally.cases += 1

    async def look_async(self, response: httpx.Response) -> None:
        """The twin of `look`."""
        self.look(response)


@each_operation
def test_requests_are_clean(operation: ContractOperation, url: str, twin: Twin, judged: Any) -> None:
    """Prism objects to no request, whatever the arguments are, and its answers are read."""
    verdicts = Verdicts(twin, judged("Prism", "requests with drawn arguments"))
    with twin.connected(url, title=f"{operation.tag}API", http_client=verdicts.http_client) as api:

        @settings(max_examples=max(settings().max_examples // 6, 10))
        @given(drawing.arguments(operation))
        def send(arguments: drawing.Arguments) -> None:
            result = twin.call(api, operation.name, arguments.all)
            assert (operation.response_schema is None) == (result is None)

        send()
    close(twin, verdicts)
    assert verdicts.tally.cases >= 10


@each_operation
def test_errors_are_raised(operation: ContractOperation, url: str, twin: Twin, judged: Any) -> None:
    """Each documented error, with each of its examples, becomes an exception that says what the example says."""
    verdicts = Verdicts(twin, judged("Prism", "documented errors"))
    (arguments,) = first(operation)
    for code, response in operation.responses.items():
        if code.startswith("2"):
            continue
        examples = response.get("content", {}).get("application/json", {}).get("examples", {})
        for name, reference in examples.items():
            status = code if re.fullmatch(r"\d+", code) else "400"
            prefer = {"Prefer": f"code={status}, example={name}"}
            options = {"http_client": verdicts.http_client, "headers": prefer}
            with twin.connected(url, title=f"{operation.tag}API", **options) as api:
                error = twin.ended(api, operation.name, arguments.all)
            (body,) = CONTRACT.resolve(reference)["value"].values()
            told = error.__cause__ or error
            assert isinstance(told, APIStatusError)
            assert int(status) == told.status
            assert body["message"] == told.message
    close(twin, verdicts)
    assert verdicts.tally.cases


def close(twin: Twin, verdicts: Verdicts) -> None:
    """Close the connections of a client that was given to the API."""
    twin.run(verdicts.http_client.aclose() if twin.prefix else verdicts.http_client.close())


def first(operation: ContractOperation) -> list[drawing.Arguments]:
    """Some arguments of an operation."""
    found: list[drawing.Arguments] = []

    @settings(max_examples=1)
    @given(drawing.arguments(operation))
    def keep(arguments: drawing.Arguments) -> None:
        found[:] = [arguments]

    keep()
    return found
