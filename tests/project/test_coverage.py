"""The coverage of openapi.yaml counts a statement only if a message met or violated it."""

import json

from scripts.openapi.contract import ROOT, Contract
from scripts.openapi.loading import load
from tests.support.coverage import MET, VIOLATED, Coverage, missing

REASONS: dict[str, str] = load(ROOT / "tests" / "project" / "uncovered.yaml").document


def test_messages_show_statements() -> None:
    """A request and a response show the statements about their parameters, headers, properties and values."""
    coverage = Coverage(Contract.load())
    coverage.add_request("GET", "/batches?limit=0", b"")
    coverage.add_response("retrieveBatch", 200, {"X-Request-Id": "req_1"}, json.dumps({"id": 7, "usage": {}}).encode())
    coverage.add_response("retrieveBatch", 302, {}, b"{}")

    assert {
        ("listBatches parameter limit", MET),
        ("listBatches parameter limit schema: minimum", VIOLATED),
        ("listBatches parameter limit schema: maximum", MET),
        ("listBatches parameter after", VIOLATED),
        ("retrieveBatch response 200", MET),
        ("retrieveBatch response 200 header x-request-id", MET),
        ("Batch: type", MET),
        ("Batch.id", MET),
        ("Batch.id: type", VIOLATED),
        ("Batch.status", VIOLATED),
        ("BatchUsage.total_tokens", VIOLATED),
    } <= coverage.seen
    assert ("retrieveBatch response default", MET) not in coverage.seen


def test_statements_without_messages_are_missing() -> None:
    """Without messages, every statement is missing, also the statements with a reason."""
    coverage = Coverage(Contract.load())
    uncovered = missing(coverage)

    assert sum(map(len, coverage.statements().values())) == len(uncovered) > 300
    assert len(REASONS) <= 10
    assert [] == [statement for statement in REASONS if statement not in uncovered]
