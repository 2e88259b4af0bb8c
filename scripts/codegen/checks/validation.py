"""Validates a contract: first as OpenAPI, then by our own rules."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attrs import frozen
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.schemas import schema_v31

from scripts.openapi.contract import Contract
from scripts.openapi.document import as_list, as_map
from scripts.openapi.operations import operations
from scripts.openapi.time_limit import working_on
from scripts.openapi.walk import walk

# Importing the modules adds their rules to the catalogue.
from . import contract_rules as contract_rules
from . import extension_rules as extension_rules
from . import keyword_rules as keyword_rules
from . import message_rules as message_rules
from . import name_rules as name_rules
from . import type_rules as type_rules
from .catalogue import RULES
from .cycles import endless
from .wording import sentences, without_consequences

__all__ = ["RULES", "Violation", "validate"]

# openapi-spec-validator reports most of these violations, too, but without their places.
_BEFORE_OPENAPI = (
    "number-is-finite",
    "schema-is-valid",
    "extension-is-spelled-right",
    "keyword-is-supported",
    "operation-id-is-unique",
    "parameter-is-in-path",
)
_COMBINING = ("allOf", "anyOf", "oneOf")
# Validators unfold combined schemas again for each reference. They take minutes for more schemas than this.
_MOST_COMBINED = 50_000


@frozen
class Violation:
    """The violation of a rule at a place in a contract."""

    rule: str
    pointer: str
    message: str


def validate(contract: Contract, *, without: Collection[str] = ()) -> list[Violation]:
    """The violations of OpenAPI, or the violations of our own rules if the contract is valid OpenAPI.

    The rules named in `without` are not checked.
    """
    if not isinstance(contract.document, Mapping):
        return [Violation("openapi", "", "the document is not an object")]
    if message := _version(contract):
        return [Violation("openapi", "/openapi", message)]
    if not isinstance(contract.document.get("paths"), Mapping):
        return [Violation("openapi", "", "paths is missing")]
    working_on("the search for references that lead nowhere", "")
    if dangling := list(_dangling_references(contract)):
        return [Violation("openapi", pointer, f"{reference!r} cannot be resolved") for pointer, reference in dangling]
    if violations := _check(contract, *_BEFORE_OPENAPI):
        return violations
    if name := _exploding_schema(contract):
        message = f"allOf, anyOf and oneOf unfold into more than {_MOST_COMBINED:,} schemas here; simplify them"
        return [Violation("combinations", f"/components/schemas/{name}", message)]
    working_on("the validation as OpenAPI", "")
    # The validator fails with exceptions for objects of a wrong shape. The schema of OpenAPI therefore judges first.
    errors = without_consequences(OpenAPIV31SpecValidator.schema_validator.iter_errors(dict(contract.document)))
    if not errors and (violations := _check(contract, "default-is-valid")):
        return violations
    errors = errors or list(OpenAPIV31SpecValidator(dict(contract.document)).iter_errors())
    if errors:
        found = [each for error in errors for each in sentences(error, "", schema_v31)]
        return [Violation("openapi", pointer, message) for pointer, message in dict.fromkeys(found)]
    working_on("the search for recursive schemas", "/components/schemas")
    if pointer := next(endless(contract), None):
        message = "the schema is a part of itself, without an object or array between; remove the reference"
        return [Violation("cycle", pointer, message)]
    if next(operations(contract.source), None) is None:
        return [Violation("openapi", "/paths", "the contract has no operations, and a client needs at least one")]
    # All other rules rely on valid extensions.
    if violations := _check(contract, "extension-has-form"):
        return violations
    passed = {*_BEFORE_OPENAPI, "extension-has-form"}
    return _check(contract, *(name for name in RULES if name not in passed.union(without)))


def _version(contract: Contract) -> str:
    """The reason why the version of OpenAPI is not supported, or an empty string."""
    version = str(contract.document.get("openapi", contract.document.get("swagger", "")))
    match version.split(".")[:2]:
        case ["3", "1"] if re.fullmatch(r"3\.1\.\d+", version):
            return ""
        case ["2", _] | ["3", "0"]:
            return f"OpenAPI {version[:3]} is not supported; convert the document to OpenAPI 3.1"
        case ["3", "2"]:
            return "OpenAPI 3.2 is not supported; write 3.1.1, and do without the additions of OpenAPI 3.2"
    return "the version of OpenAPI is missing or not supported; write 3.1.0 or 3.1.1"


def _check(contract: Contract, *names: str) -> list[Violation]:
    """The violations of some rules."""
    found: list[Violation] = []
    for name in names:
        working_on(f"the rule {name}", "")
        found += (Violation(name, pointer, message) for pointer, message in RULES[name](contract))
    return found


def _dangling_references(contract: Contract) -> Iterator[tuple[str, str]]:
    """The pointers of references that cannot be resolved, with the references."""
    for node in walk(contract.document):
        if "$ref" in node.value and not node.has_names:
            try:
                contract.resolve(node.value)
            except KeyError:
                yield node.pointer, str(node.value["$ref"])[:100]


def _exploding_schema(contract: Contract) -> str | None:
    """The name of a schema that combines too many schemas, counted again for each reference to them."""
    counts: dict[str, int] = {}

    def count(node: Any) -> int:
        reference = as_map(node).get("$ref")
        if not isinstance(reference, str):
            return 1 + sum(count(one) for key in _COMBINING for one in as_list(as_map(node).get(key)))
        if reference not in counts:
            counts[reference] = 0  # In a circle, which another check refuses.
            counts[reference] = count(contract.resolve(node))
        return counts[reference]

    return next((name for name, schema in contract.schemas.items() if count(schema) > _MOST_COMBINED), None)
