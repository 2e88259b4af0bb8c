"""What a contract must be, as OpenAPI and by our own rules, so that a client can be made of it."""

from collections.abc import Iterator, Mapping

from attrs import frozen
from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.openapi.contract import Contract
from scripts.openapi.pointers import below

from . import contract_rules, extension_rules
from .catalogue import RULES, nodes

__all__ = ["RULES", "Finding", "nodes", "objections"]

# Importing a file enters its rules.
_FILES = (contract_rules, extension_rules)
# OpenAPI's own validator finds most of this too, but not where it is.
_BEFORE_OPENAPI = ("schema-is-valid", "operation-id-is-unique", "extension-is-spelled-right")


@frozen
class Finding:
    """Something that a rule objects to."""

    rule: str
    pointer: str
    message: str


def objections(contract: Contract) -> list[Finding]:
    """What is wrong with a contract: as OpenAPI, or, where that is right, by our own rules."""
    if not isinstance(contract.document, Mapping):
        return [Finding("openapi", "", "the document is not an object")]
    if not isinstance(contract.document.get("paths"), Mapping):
        return [Finding("openapi", "", "paths is missing")]
    if broken := list(_dangling(contract)):
        return [Finding("openapi", pointer, f"{reference!r} leads nowhere") for pointer, reference in broken]
    if misplaced := _found(contract, *_BEFORE_OPENAPI):
        return misplaced
    try:
        errors = list(OpenAPIV31SpecValidator(dict(contract.document)).iter_errors())
    except Exception as error:  # the validator trips over some documents in its own ways
        return [Finding("openapi", "", f"the document cannot be validated: {type(error).__name__}")]
    if errors:
        return [Finding("openapi", below("", *error.absolute_path), error.message[:300]) for error in errors]
    if cycle := _cycle(contract):
        return [Finding("cycle", f"/components/schemas/{cycle}", "it contains itself; the client has no code for that")]
    # All other rules rely on the form of the extensions.
    if misshapen := _found(contract, "extension-has-form"):
        return misshapen
    return _found(contract, *RULES)


def _found(contract: Contract, *names: str) -> list[Finding]:
    """What some rules object to."""
    return [Finding(name, pointer, text) for name in names for pointer, text in RULES[name](contract)]


def _dangling(contract: Contract) -> Iterator[tuple[str, str]]:
    """References that lead nowhere, in circles, or out of the document."""
    for pointer, node in nodes(contract.document):
        if "$ref" in node and not pointer.endswith("/properties"):
            try:
                contract.resolve(node)
            except (KeyError, TypeError, IndexError, AttributeError, RecursionError):
                yield pointer, str(node["$ref"])[:100]


def _cycle(contract: Contract) -> str | None:
    """A schema that reaches itself."""
    for name, schema in contract.schemas.items():
        if name in contract.schema_names(schema):
            return name
    return None
