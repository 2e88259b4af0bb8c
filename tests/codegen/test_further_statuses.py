"""A further final status of a batch is an edit of the contract: client and embedded server know what it means."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urljoin

import httpx
import pytest

from scripts.batch_server.running import RunningServer, running
from scripts.openapi.contract import Contract
from tests.support.contract_edits import edited
from tests.support.grown import imported
from tests.support.stepped_server import PACE, line
from tests.support.twin import Twin

STATUS = "/components/schemas/BatchStatus"
DOCUMENT = edited(
    {
        f"{STATUS}/enum/-": "rejected",
        f"{STATUS}/x-lifecycle/rejected": [],
        f"{STATUS}/x-lifecycle/validating": ["in_progress", "failed", "expired", "cancelling", "rejected"],
        f"{STATUS}/x-final-statuses/failure/-": "rejected",
    }
)
DOCUMENT = edited(
    {
        f"{STATUS}/enum/-": "archived",
        f"{STATUS}/x-lifecycle/archived": [],
        f"{STATUS}/x-lifecycle/finalizing": ["completed", "failed", "archived"],
        f"{STATUS}/x-final-statuses/success/-": "archived",
    },
    DOCUMENT,
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The package of the contract with two further final statuses."""
    return imported(DOCUMENT, tmp_path_factory.mktemp("statuses"), "client_of_statuses")


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """An embedded server with the same contract."""
    with running(Contract(DOCUMENT, Path("openapi.yaml")), pace=PACE) as server:
        yield server


@pytest.mark.parametrize(("status", "is_success"), [("rejected", False), ("archived", True)])
def test_wait_ends(package: ModuleType, server: RunningServer, twin: Twin, status: str, is_success: bool) -> None:
    """Waiting ends with the status. It raises an exception for a failure, if the caller asks for it."""
    http = httpx.Client(base_url=f"{server.url}/", headers={"Authorization": f"Bearer {server.key}"})
    file = {"file": ("in.jsonl", json.dumps(line(1)))}
    uploaded = http.post("files", files=file, data={"purpose": "batch"}).json()["id"]
    api = twin.api(package=package, api_key=server.key, base_url=server.url)
    made = twin.run(api.create_batch(input_file_id=uploaded, endpoint="/v1/responses", completion_window="24h"))
    # The batch is processed before it succeeds.
    server.clock.step(15 if is_success else 0)
    led = http.post(urljoin(server.url, "/-/status"), json={"id": made.id, "status": status})
    assert 200 == led.status_code, led.text

    ended = twin.run(api.wait_for_batch(made.id, timeout=60))

    assert (ended.status, package.outcome(ended) == "failed") == (status, not is_success)
    assert [ended] == twin.run(api.wait_for_batches([made.id], timeout=60))
    if is_success:
        assert ended == twin.run(api.wait_for_batch(made.id, timeout=60, raise_on_failure=True))
    else:
        with pytest.raises(package.BatchNotSucceededError):
            twin.run(api.wait_for_batch(made.id, timeout=60, raise_on_failure=True))
    twin.run(api.close())
    http.close()
