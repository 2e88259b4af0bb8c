"""An embedded server without a socket, whose clock the test steps by hand."""

import json
from typing import Any

from starlette.testclient import TestClient

from scripts.batch_server.app import create_app
from scripts.batch_server.clock import ServerClock
from scripts.batch_server.status_timeline import Pace
from scripts.openapi.contract import Contract

START = 1764012488.0
PACE = Pace(requests_per_second=1, validating=10, finalizing=10, cancelling=10)


class SteppedServer:
    """A server, an HTTP client for it, and its clock."""

    def __init__(self, contract: Contract | None = None) -> None:
        self.clock = ServerClock(0, START)
        self.app = create_app(contract or Contract.load(), key="sk-local", clock=self.clock, pace=PACE)
        self.http = TestClient(self.app, headers={"Authorization": "Bearer sk-local"}, base_url="http://server.test/v1")

    def upload(self, *lines: dict[str, Any] | str) -> str:
        """Upload an input file, and return its id."""
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        response = self.http.post("/files", files={"file": ("in.jsonl", text)}, data={"purpose": "batch"})
        return str(response.json()["id"])

    def create(self, file_id: str, **more: Any) -> Any:
        """Create a batch; `more` adds fields to the request."""
        body = {"input_file_id": file_id, "endpoint": "/v1/responses", "completion_window": "24h", **more}
        response = self.http.post("/batches", json=body)
        assert 200 == response.status_code, response.text
        return response.json()

    def after(self, seconds: float, batch: Any) -> Any:
        """Step the clock, and retrieve the batch."""
        self.clock.step(seconds)
        return self.http.get(f"/batches/{batch['id']}").json()

    def rows(self, file_id: str) -> list[Any]:
        """The parsed lines of a file."""
        return [json.loads(line) for line in self.http.get(f"/files/{file_id}/content").text.splitlines()]


def line(number: int, **more: Any) -> dict[str, Any]:
    """A line of an input file; `more` replaces fields."""
    request = {"model": "gpt-5", "input": f"Question {number}"}
    return {"custom_id": f"r-{number}", "method": "POST", "url": "/v1/responses", "body": request, **more}
