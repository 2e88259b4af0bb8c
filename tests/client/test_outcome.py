"""The helpers outcome, failure and to_datetime read batches and timestamps of every supported service."""

import ast
import time
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from openai_batch_client import (
    Batch,
    BatchFailedError,
    BatchNotSucceededError,
    Outcome,
    failure,
    outcome,
    to_datetime,
)
from openai_batch_client._runtime import batch as batch_module
from openai_batch_client._runtime.spec import LifecycleSpec
from scripts.openapi.contract import ROOT, Contract

FILE = "file-1"
CASES: list[tuple[str, str | None, str | None, tuple[int, int, int] | None, str]] = [
    # status, output file, error file, (total, completed, failed), outcome
    ("completed", FILE, None, (9, 9, 0), "succeeded"),
    ("completed", FILE, None, None, "succeeded"),
    ("completed", FILE, FILE, (9, 7, 2), "partial"),
    # The counts may report success although the error file contains failures.
    ("completed", FILE, FILE, (9, 9, 0), "partial"),
    ("completed", FILE, None, (9, 7, 2), "partial"),
    ("completed", None, FILE, (9, 0, 9), "all_failed"),
    ("completed", None, FILE, None, "all_failed"),
    ("completed", None, None, (9, 0, 9), "all_failed"),
    ("completed", None, None, (9, 0, 0), "all_failed"),
    ("completed", None, None, None, "unknown"),
    ("completed", None, None, (0, 0, 0), "unknown"),
    ("failed", None, None, (0, 0, 0), "failed_validation"),
    ("failed", None, None, None, "failed_validation"),
    ("expired", FILE, None, (9, 4, 0), "expired_partial"),
    ("expired", None, None, (9, 4, 0), "expired_partial"),
    ("expired", None, FILE, (9, 0, 9), "expired_empty"),
    ("expired", None, None, None, "expired_empty"),
    ("cancelled", FILE, FILE, (9, 4, 1), "cancelled_partial"),
    ("cancelled", None, None, (9, 0, 0), "cancelled_empty"),
    ("validating", None, None, None, "running"),
    ("in_progress", None, None, (9, 4, 0), "running"),
    ("finalizing", None, None, (9, 9, 0), "running"),
    ("cancelling", None, None, (9, 4, 0), "running"),
    ("COMPLETED", FILE, None, (9, 9, 0), "succeeded"),
    ("canceled", None, None, None, "cancelled_empty"),
    ("paused", FILE, None, (9, 9, 0), "unknown"),
    # Statuses that a later contract may add.
    ("queued", None, None, None, "running"),
    ("rejected", None, None, None, "failed"),
    ("archived", FILE, FILE, (9, 7, 2), "partial"),
]
LIFECYCLE = Batch.LIFECYCLE._replace(
    successors={**Batch.LIFECYCLE.successors, "queued": ("in_progress",), "rejected": (), "archived": ()},
    success=(*Batch.LIFECYCLE.success, "archived"),
)


def batch_with(status: str | None, **more: Any) -> Batch:
    return Batch.from_dict({"id": "batch_1", "status": status, **more})


@pytest.mark.parametrize(("status", "output", "errors", "counts", "expected"), CASES)
def test_outcome_of_case(
    status: str,
    output: str | None,
    errors: str | None,
    counts: tuple[int, int, int] | None,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """outcome returns the value that the table expects."""
    monkeypatch.setattr(Batch, "LIFECYCLE", LIFECYCLE)
    named = counts and dict(zip(("total", "completed", "failed"), counts, strict=True))
    batch = batch_with(status, output_file_id=output, error_file_id=errors, request_counts=named)

    assert expected == outcome(batch)


SCHEMAS = Contract.load().schemas
STATUS = SCHEMAS["BatchStatus"]
RUNTIME = ROOT / "scripts" / "runtime"


@pytest.mark.parametrize("status", STATUS["enum"])
def test_every_status_is_classified(status: str) -> None:
    """A status with successors is running. A final status is success or failure, as the contract says."""
    found = outcome(batch_with(status, output_file_id=FILE))

    assert ("running" == found) == bool(STATUS["x-lifecycle"][status])
    assert "unknown" != found
    assert ("succeeded" == found) == (status in STATUS["x-final-statuses"]["success"])


def test_exceptions_belong_to_failures() -> None:
    """Each status with an exception of its own is final, and a failure."""
    assert set(STATUS["x-final-statuses"]["failure"]) >= batch_module.FAILURE_ERRORS.keys()


@pytest.mark.parametrize("fields", [{}, {"request_counts": 3}], ids=["no field", "a field of Batch"])
@pytest.mark.parametrize(
    ("status", "error"), [("ready", None), ("error", BatchNotSucceededError), ("failed", BatchFailedError)]
)
def test_success_of_another_resource(
    fields: dict[str, Any], status: str, error: type[BatchNotSucceededError] | None
) -> None:
    """The final statuses of its own lifecycle decide whether another resource than a batch has succeeded."""
    lifecycle = LifecycleSpec("state", {"new": ("ready", "error"), "ready": (), "error": (), "failed": ()}, ("ready",))
    item = SimpleNamespace(LIFECYCLE=lifecycle, state=status, **fields)

    found = batch_module.not_succeeded(item, operation="retrieveExport", item_id="export-1")

    assert error is (found and type(found))
    assert found is None or f"retrieveExport: export-1 is {status}" == str(found)


def test_fields_exist() -> None:
    """The contract has every field that the module about Batch reads."""
    schemas = {"batch": "Batch", "counts": "BatchRequestCounts", "error": "BatchError"}
    tree = ast.parse((RUNTIME / "batch.py").read_text("utf-8"))
    read = {
        (schemas[node.value.id], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in schemas
    }

    assert len(read) > 10
    assert {("Batch", "LIFECYCLE")} == {
        (name, field) for name, field in read if field not in SCHEMAS[name]["properties"]
    }


@pytest.mark.parametrize("path", sorted(RUNTIME.glob("*.py")), ids=lambda path: path.stem)
def test_only_one_module_names_statuses(path: Path) -> None:
    """No string in a module of the runtime is a status, except in the module about Batch."""
    tree = ast.parse(path.read_text("utf-8"))
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}

    assert (path.stem == "batch") == bool(strings & set(STATUS["enum"]))


def test_every_outcome_has_a_case() -> None:
    """The table covers every outcome; a batch without a status has the outcome unknown."""
    assert set(get_args(Outcome)) == {case[-1] for case in CASES}
    assert "unknown" == outcome(batch_with(None))


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        ("token_limit_exceeded", True),
        ("invalid_json_line", False),
        ("duplicate_custom_id", False),
        ("url_mismatch", False),
        ("model_mismatch", False),
        ("empty_file", False),
        ("too_many_tasks", False),
        ("something_new", None),
        (None, None),
    ],
)
def test_failure(code: str | None, retryable: bool | None) -> None:
    """failure returns the first error and whether the same file may succeed later."""
    error = {"code": code, "message": "no", "line": 3, "param": "url"}
    found = failure(batch_with("failed", errors={"object": "list", "data": [error, {"code": "other"}]}))

    assert found is not None
    assert (code, "no", 3, "url", retryable) == (
        found.code,
        found.message,
        found.line,
        found.param,
        found.retryable,
    )


@pytest.mark.parametrize("errors", [None, {}, {"object": "list"}, {"data": None}, {"data": []}])
def test_no_failure(errors: Any) -> None:
    """A batch without errors has no failure."""
    assert failure(batch_with("completed", errors=errors)) is None


@pytest.mark.parametrize(
    "value",
    [
        1764012488,
        1764012488.0,
        "1764012488",
        "2025-11-24T19:28:08Z",
        "2025-11-24T19:28:08+00:00",
        "2025-11-24T20:28:08+01:00",
        "2025-11-24 19:28:08",
        "20251124192808",
        "Mon, 24 Nov 2025 19:28:08 GMT",
        "24 November 2025 19:28:08",
        "24/11/2025 19:28:08",
        "2025/11/24 19:28:08 UTC",
        datetime(2025, 11, 24, 19, 28, 8),
        datetime(2025, 11, 24, 19, 28, 8, tzinfo=UTC),
    ],
    ids=str,
)
def test_to_datetime(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every supported format becomes an aware datetime in UTC, independently of the local time zone."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        found = to_datetime(value)
    time.tzset()

    assert datetime(2025, 11, 24, 19, 28, 8, tzinfo=UTC) == found
    assert UTC is found.tzinfo


def test_to_datetime_of_a_day() -> None:
    """A date without a time becomes midnight UTC."""
    for day in (date(2025, 11, 4), "2025-11-04", "4 Nov 2025", "November 4, 2025"):
        assert datetime(2025, 11, 4, tzinfo=UTC) == to_datetime(day)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("01.11.2025", "in several ways"),
        ("11/01/2025", "in several ways"),
        ("monday", "in several ways"),
        ("5", "in several ways"),
        ("nov 2025", "in several ways"),
        ("10:00", "in several ways"),
        ("2025-11-01 10:00 EST", "the time zone EST is not known"),
    ],
)
def test_ambiguous_text(value: str, message: str) -> None:
    """Ambiguous text raises a ValueError."""
    with pytest.raises(ValueError, match=message):
        to_datetime(value)


@pytest.mark.parametrize(
    "value", [True, "", "soon", [], {}, float("nan"), float("inf"), 1e300, "99999-01-01"], ids=repr
)
def test_value_without_a_point_in_time(value: Any) -> None:
    """A value that is not a point in time raises a ValueError."""
    with pytest.raises(ValueError, match="is not a point in time"):
        to_datetime(value)


def test_to_datetime_of_none() -> None:
    """None, as in an optional field of a model, stays None."""
    assert to_datetime(batch_with("in_progress").completed_at) is None
