"""The contract of this project with the additions of grown.yaml, and packages that are generated from any contract."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from scripts.codegen.checks.output_checks import check_output
from scripts.codegen.checks.validation import validate
from scripts.codegen.package import PACKAGE
from scripts.codegen.rendering.docs import write_docs
from scripts.codegen.rendering.generator import generate
from scripts.openapi.contract import Contract
from scripts.openapi.loading import load
from tests.support.contract_edits import edited

ADDITIONS: dict[str, Any] = load(Path(__file__).parents[1] / "grown.yaml").document


def extended_contract() -> dict[str, Any]:
    """The contract with the additions."""
    document = edited(ADDITIONS)
    order = Contract(document, Path("openapi.yaml")).schema_names(document["paths"])
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {name: schemas[name] for name in order}
    return document


def imported(document: dict[str, Any], folder: Path, name: str) -> ModuleType:
    """Generate the package of a contract below `folder`, and import it with another name.

    The docs are beside the package. The checks must accept the contract.
    """
    folder.mkdir(exist_ok=True)
    spec = folder / "openapi.json"
    spec.write_text(json.dumps(document), "utf-8")
    contract = Contract(document, spec)
    assert [] == validate(contract)
    generated = generate(contract, folder / "generated", post_hooks=[])
    write_docs(generated)
    check_output(generated.views, folder / "generated")
    folder.joinpath("generated", PACKAGE).rename(folder / "generated" / name)
    sys.path.insert(0, str(folder / "generated"))
    try:
        return importlib.import_module(name)
    finally:
        # The package imports its modules by itself.
        sys.path.remove(str(folder / "generated"))
