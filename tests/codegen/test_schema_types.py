"""Each schema has a Python type and a reader, or is refused with the reason."""

from pathlib import Path
from typing import Any

import pytest
from openapi_python_client.config import Config, ConfigFile, MetaType

from scripts.codegen.views.python_types import UnsupportedError, union
from scripts.codegen.views.schema_types import SchemaTypes
from scripts.openapi.contract import Contract
from scripts.openapi.loading import load

CASES: dict[str, Any] = load(Path(__file__).with_name("schema_types.yaml")).document
DOCUMENT = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": CASES["schemas"]}}


@pytest.mark.parametrize("case", CASES["types"], ids=lambda case: str(case["schema"])[:80])
def test_type(case: dict[str, Any]) -> None:
    """A schema has the type and the reader of its case."""
    config = Config.from_sources(ConfigFile(), MetaType.NONE, Path("openapi.yaml"), "utf-8", False, None)
    types = SchemaTypes.make(Contract(DOCUMENT, Path("openapi.yaml")), config)
    if "refused" in case:
        with pytest.raises(UnsupportedError, match=case["refused"]):
            types.of(case["schema"])
        return

    kind = types.of(case["schema"])

    read = str(case["read"])
    assert (read, str(case.get("write", read)), case.get("reader", "")) == (
        union(kind.read),
        union(kind.write),
        kind.reader,
    )
