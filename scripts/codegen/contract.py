"""The contract as data: openapi.yaml loaded once, references followed, operations listed in document order."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import field, frozen
from ruamel.yaml import YAML

from .pointers import keys

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
EXTENSIONS = ("x-retry", "x-create-once", "x-pagination", "x-lifecycle", "x-final-statuses")
"""What the head of openapi.yaml describes and the client acts on."""
ROOT = Path(__file__).parents[2]
OPENAPI_YAML = ROOT / "openapi.yaml"


def snake_case(name: str) -> str:
    """The Python spelling of an operationId or schema name: createBatch and CreateBatch are create_batch."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@frozen
class Operation:
    """One operation: an operation object of the document and where it stands."""

    id: str
    """The operationId."""
    method: str
    """The HTTP method in upper case."""
    path: str
    """The path template, without the server's own path."""
    document: Mapping[str, Any] = field(repr=False)
    """The operation object as written; references in it are not resolved."""
    contract: "Contract" = field(repr=False, eq=False)

    @property
    def name(self) -> str:
        """The operation's name in Python: module, method and folder of exchanges."""
        return snake_case(self.id)

    @property
    def tag(self) -> str:
        return str(self.document["tags"][0])

    @cached_property
    def parameters(self) -> list[Mapping[str, Any]]:
        """The parameter objects, resolved; those of the operation win over those of its path."""
        shared = self.contract.document["paths"][self.path].get("parameters", ())
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        for reference in (*self.document.get("parameters", ()), *shared):
            parameter = self.contract.resolve(reference)
            found.setdefault((parameter["in"], parameter["name"]), parameter)
        return list(found.values())

    @cached_property
    def responses(self) -> dict[str, Mapping[str, Any]]:
        """The response objects, resolved, by status code, range or `default`."""
        return {str(code): self.contract.resolve(node) for code, node in self.document["responses"].items()}

    @property
    def success(self) -> tuple[int, Mapping[str, Any]]:
        """Status code and response object of the first documented success."""
        code = min(code for code in self.responses if code.startswith("2"))
        return int(code), self.responses[code]

    @property
    def request_schema(self) -> Any:
        """The schema of the JSON request body as written, or None where the operation takes no body."""
        body = self.contract.resolve(self.document.get("requestBody", {}))
        return body.get("content", {}).get("application/json", {}).get("schema")

    @property
    def response_schema(self) -> Any:
        """The schema of the JSON body of a success as written, or None."""
        return self.success[1].get("content", {}).get("application/json", {}).get("schema")

    @property
    def example(self) -> Any:
        """The first example of a success; None where a success has no body."""
        content = self.success[1].get("content", {}).get("application/json", {})
        for node in content.get("examples", {}).values():
            return self.contract.resolve(node)["value"]
        return content.get("example")


@frozen
class Contract:
    """An OpenAPI document."""

    document: Mapping[str, Any] = field(repr=False)
    path: Path

    @classmethod
    def load(cls, path: Path = OPENAPI_YAML) -> "Contract":
        """Read the document at `path`; raises ruamel.yaml's YAMLError, which names line and column, or OSError."""
        return cls(YAML(typ="safe").load(path.read_bytes()), path)

    def resolve(self, node: Any) -> Any:
        """`node`, or what its `$ref` points to in this document.

        Raises KeyError or TypeError for a reference that leads nowhere, RecursionError for one that leads in circles.
        """
        steps = 0
        while isinstance(node, Mapping) and "$ref" in node:
            steps += 1
            if steps > 100:
                raise RecursionError(node["$ref"])
            if not node["$ref"].startswith("#/"):
                raise KeyError(node["$ref"])
            target: Any = self.document
            for key in keys(node["$ref"]):
                target = target[key]
            node = target
        return node

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(
            Operation(node["operationId"], method.upper(), path, node, self)
            for path, item in self.document["paths"].items()
            for method, node in item.items()
            if method in METHODS
        )

    @property
    def schemas(self) -> Mapping[str, Any]:
        schemas: Mapping[str, Any] = self.document["components"]["schemas"]
        return schemas

    def schema_names(self, node: Any) -> list[str]:
        """Names of the component schemas that `node` reaches, in order of first use."""
        followed: dict[str, None] = {}

        def walk(node: Any) -> None:
            if isinstance(node, list):
                for item in node:
                    walk(item)
            elif isinstance(node, Mapping):
                reference = node.get("$ref")
                if isinstance(reference, str) and reference not in followed:
                    followed[reference] = None
                    walk(self.resolve(node))
                for key, value in node.items():
                    if key == "properties":
                        walk(list(value.values()))
                    elif key not in ("example", "examples", "enum", "const", "default"):
                        walk(value)

        walk(node)
        prefix = "#/components/schemas/"
        return [reference.removeprefix(prefix) for reference in followed if reference.startswith(prefix)]
