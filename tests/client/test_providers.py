"""Responses of compatible services are read leniently; a strict client reports their deviations."""

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from openai_batch_client import errors, outcome, to_datetime
from openai_batch_client._runtime import reading
from scripts.openapi.contract import ROOT
from scripts.openapi.loading import load
from tests.support.batches import CALLS
from tests.support.twin import Twin

FILES = sorted((ROOT / "tests" / "providers").glob("*.yaml"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(load(request.param).document)


def call(twin: Twin, case: dict[str, Any], **options: Any) -> Any:
    api = twin.api(httpx.Response(200, json=case["response"]), **options)
    arguments = dict(CALLS[case["operation"]])
    if "batch_id" in arguments:
        arguments["batch_id"] = case["response"].get("id", "batch_1")
    return twin.run(getattr(api, case["operation"])(**arguments))


def test_lenient(
    twin: Twin, case: dict[str, Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values are unchanged, missing fields are None and logged, and unknown fields are preserved."""
    monkeypatch.setattr(reading, "_reported", set())
    if "raises" in case:
        with pytest.raises(getattr(errors, case["raises"])) as caught:
            call(twin, case)
        error = caught.value.__cause__ or caught.value
        assert case["field"] == getattr(error, "field", None)
        assert case["field"] in str(caught.value)
        return
    result = call(twin, case)

    assert case["expect"] == {name: getattr(result, name) for name in case["expect"]}
    assert case.get("kept", {}).items() <= result.additional_properties.items()
    assert ("missing" in case) == any(case.get("missing", "?") in message for message in caplog.messages)
    if "outcome" in case:
        assert case["outcome"] == outcome(result)
    if "created" in case:
        assert datetime.fromisoformat(case["created"]) == to_datetime(result.created_at)


def test_strict(twin: Twin, case: dict[str, Any]) -> None:
    """A strict client names the first missing required field and accepts all other responses."""
    if "missing" in case:
        with pytest.raises(errors.UnexpectedResponseError) as caught:
            call(twin, case, strict=True)
        assert case["missing"] == caught.value.field
    elif "raises" not in case:
        assert call(twin, case, strict=True).id == case["response"]["id"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_names_its_source(path: Path) -> None:
    """Each file begins with a comment that names the source of the deviation."""
    assert path.read_text("utf-8").startswith("# ")
