"""Compares openapi.yaml with the published contract that it follows. Every difference must be declared.

Usage: `scripts/setup python -m tests.project.origin FILE`. FILE is the published contract: YAML, or YAML compressed
with gzip. Nothing is downloaded. The exit code is 1 if a difference is not declared, or a declared difference is gone.

A difference is declared in origin.yaml, with a comment that begins with "Differs" in openapi.yaml, or with a reason.
"""

import gzip
import re
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from scripts.openapi.contract import OPENAPI_YAML
from scripts.openapi.document import Document, as_list, as_map
from scripts.openapi.loading import Loaded, LoadError, load, parse
from scripts.openapi.operations import Operation, operations
from scripts.openapi.walk import is_extension, walk

DECLARATIONS = Path(__file__).with_name("origin.yaml")
COMMENT = "Differs: "
# These keywords change no request and no response.
_ANNOTATIONS = {"description", "summary", "title", "example", "examples", "externalDocs"}
_ANNOTATIONS |= {"operationId", "tags", "security", "headers", "callbacks"}
_MOST_LEVELS = 20


@frozen
class Difference:
    """A fact that the two contracts state differently."""

    fact: str
    """The place and the keyword, such as `GET /batches after: minimum`."""
    ours: Any
    """The value in openapi.yaml, or None."""
    published: Any
    """The value in the published contract, or None."""

    def __str__(self) -> str:
        return f"{self.fact} is {self.ours!r} in openapi.yaml, and {self.published!r} in the published contract"


@frozen
class Declaration:
    """An entry of origin.yaml."""

    differs: str
    """The first words of a comment in openapi.yaml, or an empty text."""
    reason: str
    """The reason, if there is no comment."""
    facts: tuple[str, ...]
    """Patterns of facts, in which `*` stands for any text."""


def main(arguments: list[str]) -> int:
    """Compare, and print the differences that are not declared. Returns the exit code."""
    if len(arguments) != 1:
        print("usage: python -m tests.project.origin FILE", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    try:
        content = path.read_bytes()
        published = parse(gzip.decompress(content) if path.suffix == ".gz" else content, path.name)
    except (OSError, EOFError, zlib.error, LoadError) as error:
        print(f"the published contract cannot be read: {error}", file=sys.stderr)
        return 2
    found = differences(load(OPENAPI_YAML), published)
    problems = check(found, declarations(), comments())
    for problem in problems:
        print(problem)
    print(f"{len(found)} differences, {len(problems)} problems.")
    return 1 if problems else 0


def differences(ours: Loaded, published: Loaded) -> list[Difference]:
    """The facts of our operations that the two contracts state differently."""
    our_document, their_document = Document(ours), Document(published)
    theirs = {operation.shape: operation for operation in operations(their_document)}
    our_facts: dict[str, Any] = {}
    their_facts: dict[str, Any] = {}
    for operation in operations(our_document):
        label = f"{operation.method.upper()} {operation.path}"
        our_facts |= _operation_facts(operation, label)
        if operation.shape in theirs:
            their_facts |= _operation_facts(theirs[operation.shape], label)
    for name in _line_schemas(our_document):
        for document, facts in ((our_document, our_facts), (their_document, their_facts)):
            facts |= _facts(document, {"$ref": f"#/components/schemas/{name}"}, f"line {name}")
    return [
        Difference(fact, our_facts.get(fact), their_facts.get(fact))
        for fact in dict.fromkeys([*our_facts, *their_facts])
        if our_facts.get(fact) != their_facts.get(fact)
    ]


def check(found: list[Difference], declared: list[Declaration], written: list[str]) -> list[str]:
    """The problems: undeclared differences, patterns without a difference, and comments without an entry."""
    patterns = [pattern for declaration in declared for pattern in declaration.facts]
    problems = [
        f"not declared: {difference}"
        for difference in found
        if not any(_fits(difference.fact, pattern) for pattern in patterns)
    ]
    problems += [
        f"declared in {DECLARATIONS.name}, but there is no such difference: {pattern}"
        for pattern in patterns
        if not any(_fits(difference.fact, pattern) for difference in found)
    ]
    known = [declaration.differs for declaration in declared if declaration.differs]
    problems += [
        f"openapi.yaml has the comment {comment[:60]!r}, but {DECLARATIONS.name} has no entry for it"
        for comment in written
        if not any(comment.startswith(start) for start in known)
    ]
    problems += [
        f"{DECLARATIONS.name} refers to the comment {start!r}, but openapi.yaml has no such comment"
        for start in known
        if not any(comment.startswith(start) for comment in written)
    ]
    return problems


def declarations() -> list[Declaration]:
    """The entries of origin.yaml."""
    entries: list[dict[str, Any]] = load(DECLARATIONS).document
    return [Declaration(entry.get("differs", ""), entry.get("reason", ""), tuple(entry["facts"])) for entry in entries]


def comments() -> list[str]:
    """The comments of openapi.yaml that begin with "Differs", without this word, each in one line."""
    text = OPENAPI_YAML.read_text("utf-8")
    blocks = re.findall(rf"^ *# {COMMENT}(.*\n(?: *# .*\n)*)", text, re.MULTILINE)
    return [" ".join(re.sub(r"^ *# ", "", block, flags=re.MULTILINE).split()) for block in blocks]


def _fits(fact: str, pattern: str) -> bool:
    """Whether a pattern describes a fact. `*` stands for any text; brackets are ordinary characters."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), fact) is not None


def _line_schemas(document: Document) -> list[str]:
    """The names of the schemas of lines, to which only x-file refers."""
    files = [node.value["x-file"] for node in walk(document.data) if not node.has_names and "x-file" in node.value]
    return list(dict.fromkeys(str(file["line"]) for file in files))


def _operation_facts(operation: Operation, label: str) -> dict[str, Any]:
    document = operation.document
    facts: dict[str, Any] = {label: "operation"}
    for parameter in operation.parameters:
        place = f"{label} {parameter.name}"
        facts[f"{place}: in"] = parameter.location
        facts[f"{place}: required"] = parameter.required
        facts |= _facts(document, parameter.node.get("schema"), place)
    body, _ = document.resolve(operation.node.get("requestBody"))
    if body:
        facts[f"{label} body: required"] = body.get("required", False)
        facts |= _content_facts(document, body, f"{label} body")
    for status, written in as_map(operation.node.get("responses")).items():
        response, _ = document.resolve(written)
        facts[f"{label} {status}"] = "response"
        facts |= _content_facts(document, response, f"{label} {status}")
    facts[f"{label}: security"] = operation.node.get("security", document.data.get("security"))
    facts[f"{label}: security of its own"] = "security" in operation.node
    return facts


def _content_facts(document: Document, holder: Mapping[str, Any], label: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for media_type, content in as_map(holder.get("content")).items():
        facts[f"{label} {media_type}"] = "content"
        facts |= _facts(document, as_map(content).get("schema"), label)
    return facts


def _facts(document: Document, written: Any, place: str, levels: int = _MOST_LEVELS) -> dict[str, Any]:
    """The facts that a schema states about a value and the values in it."""
    schema = _merged(document, written)
    facts: dict[str, Any] = {}
    if not schema or not levels:
        return facts
    for name in as_list(schema.pop("required", None)):
        facts[f"{place}.{name}: required"] = True
    for name, inner in as_map(schema.pop("properties", None)).items():
        facts[f"{place}.{name}"] = "property"
        facts |= _facts(document, inner, f"{place}.{name}", levels - 1)
    for key, suffix in (("items", "[]"), ("additionalProperties", "{}"), ("propertyNames", "{name}")):
        if isinstance(schema.get(key), Mapping):
            facts |= _facts(document, schema.pop(key), f"{place}{suffix}", levels - 1)
    for key in ("anyOf", "oneOf", "allOf"):
        for index, inner in enumerate(as_list(schema.pop(key, None))):
            facts |= _facts(document, inner, f"{place} {key} {index}", levels - 1)
    return facts | {f"{place}: {key}": value for key, value in schema.items()}


def _merged(document: Document, written: Any) -> dict[str, Any]:
    """A schema with its references resolved, and with one spelling for what has several in JSON Schema."""
    node, _ = document.resolve(written)
    beside = {key: value for key, value in as_map(written).items() if key != "$ref"}
    schema = {
        key: value
        for key, value in {**node, **beside}.items()
        if key not in _ANNOTATIONS and not is_extension(key) and key != "$ref"
    }
    if "$ref" in as_map(written):
        schema["component"] = str(written["$ref"]).rpartition("/")[2]
    alternatives = as_list(schema.get("anyOf"))
    others = [each for each in alternatives if as_map(each) != {"type": "null"}]
    if len(others) == 1 and len(alternatives) == 2:
        del schema["anyOf"]
        schema = {**schema, **_merged(document, others[0]), "nullable": True}
    if isinstance(schema.get("type"), list):
        types = [each for each in schema["type"] if each != "null"]
        schema |= {"nullable": True} if len(types) < len(schema["type"]) else {}
        schema["type"] = types[0] if len(types) == 1 else types
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    return schema


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
