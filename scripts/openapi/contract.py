"""Our contract, openapi.yaml: a valid document with our extensions."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from .document import Document, as_list, as_map
from .loading import Loaded, load
from .operations import Operation, operations
from .walk import walk

EXTENSIONS = (
    "x-retry",
    "x-create-once",
    "x-pagination",
    "x-python-name",
    "x-lifecycle",
    "x-final-statuses",
    "x-file",
)
"""The extensions that the header of openapi.yaml describes."""
ROOT = Path(__file__).parents[2]
OPENAPI_YAML = ROOT / "openapi.yaml"
JSON, FORM = "application/json", "multipart/form-data"
_SCHEMAS = "#/components/schemas/"


def snake_case(name: str) -> str:
    """The Python name of an operationId or schema: createBatch and CreateBatch become create_batch."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@frozen
class ContractOperation:
    """An operation of our contract."""

    _operation: Operation
    contract: "Contract" = field(repr=False, eq=False)

    @property
    def id(self) -> str:
        """The operationId."""
        return str(self._operation.id)

    @property
    def pointer(self) -> str:
        """The JSON pointer of the operation object."""
        return self._operation.pointer

    @property
    def method(self) -> str:
        """The HTTP method in upper case."""
        return self._operation.method.upper()

    @property
    def path(self) -> str:
        """The path template, without the path of the server."""
        return self._operation.path

    @property
    def document(self) -> Mapping[str, Any]:
        """The operation object as written, with unresolved references."""
        return self._operation.node

    @property
    def name(self) -> str:
        """The operation's name in Python, for its module, its method and its folder of exchanges."""
        return snake_case(self.id)

    @property
    def tag(self) -> str:
        return str(self.document["tags"][0])

    @cached_property
    def parameters(self) -> list[Mapping[str, Any]]:
        """The resolved parameter objects. Parameters of the operation override parameters of its path."""
        return [parameter.node for parameter in self._operation.parameters]

    @property
    def parameter_pointers(self) -> dict[tuple[str, str], str]:
        """The JSON pointers of the parameter objects, by location and name."""
        return {(each.location, each.name): each.pointer for each in self._operation.parameters}

    @cached_property
    def responses(self) -> dict[str, Mapping[str, Any]]:
        """The resolved response objects, by status code, range of codes or `default`."""
        return {str(code): self.contract.resolve(node) for code, node in self.document["responses"].items()}

    @property
    def success(self) -> tuple[int, Mapping[str, Any]]:
        """The status code and the response object of the success with the lowest code."""
        code = min(code for code in self.responses if code.startswith("2"))
        return int(code), self.responses[code]

    @property
    def request_body(self) -> Mapping[str, Any]:
        """The resolved request body; empty if the operation takes no body."""
        body: Mapping[str, Any] = self.contract.resolve(self.document.get("requestBody", {}))
        return body

    @property
    def request_schema(self) -> Any:
        """The schema of the JSON request body as written, or None if the operation takes no JSON."""
        return self.request_body.get("content", {}).get(JSON, {}).get("schema")

    @property
    def form(self) -> str:
        """The component schema of a multipart form, or an empty string."""
        schema = self.request_body.get("content", {}).get(FORM, {}).get("schema", {})
        return str(schema.get("$ref", "")).removeprefix(_SCHEMAS)

    @property
    def key_header(self) -> str:
        """The header that carries the idempotency key (x-create-once), or an empty string."""
        return str(as_map(self.document.get("x-create-once")).get("header", ""))

    @property
    def response_schema(self) -> Any:
        """The schema of the JSON body of a success as written, or None if a success has no body."""
        return self.success[1].get("content", {}).get("application/json", {}).get("schema")

    @property
    def example(self) -> Any:
        """The first example of a success, or None if a success has no body."""
        content = self.success[1].get("content", {}).get("application/json", {})
        for node in content.get("examples", {}).values():
            return self.contract.resolve(node)["value"]
        return content.get("example")


@frozen
class Contract:
    """Our contract. The checks of scripts/regenerate also read invalid contracts."""

    document: Mapping[str, Any] = field(repr=False)
    path: Path

    @classmethod
    def load(cls, path: Path = OPENAPI_YAML) -> "Contract":
        """Read the file at `path`.

        Raises:
            LoadError: The file is not YAML. The message names line and column.
            OSError: The file cannot be read.
        """
        return cls(load(path).document, path)

    @cached_property
    def source(self) -> Document:
        """The document for code that must accept malformed parts."""
        return Document(Loaded(self.document, str(self.path), {}), self.path)

    def resolve(self, node: Any) -> Any:
        """`node`, or the target of its `$ref`.

        Raises:
            KeyError: The target is in another file, does not exist, or is part of a cycle of references.
        """
        if not isinstance(node, Mapping) or "$ref" not in node:
            return node
        found, _ = self.source.resolve(node)
        if "$ref" in found:
            raise KeyError(found["$ref"])
        return found

    @cached_property
    def operations(self) -> tuple[ContractOperation, ...]:
        """The operations in document order."""
        return tuple(ContractOperation(operation, self) for operation in operations(self.source))

    @cached_property
    def forms(self) -> frozenset[str]:
        """The component schemas that only describe forms."""
        forms = [operation.form for operation in self.operations if operation.form]
        used = [
            node.value["$ref"]
            for node in walk(self.document)
            if not node.has_names and isinstance(node.value.get("$ref"), str)
        ]
        return frozenset(form for form in forms if used.count(f"{_SCHEMAS}{form}") == forms.count(form))

    @property
    def api_key_header(self) -> str:
        """The header that carries the API key, in lower case; empty if the key is a bearer token."""
        schemes = self.source.part("components", "securitySchemes")
        for operation in self.operations:
            for requirement in operation.document.get("security", self.document.get("security", ())):
                for name in requirement:
                    scheme = self.resolve(schemes.get(name, {}))
                    return str(scheme.get("name", "")).lower() if scheme.get("type") == "apiKey" else ""
        return ""

    @property
    def server_path(self) -> str:
        """The path of the first server's URL, without a trailing slash. It is the prefix of all operations' paths."""
        return urlsplit(str(self.document["servers"][0]["url"])).path.rstrip("/")

    @property
    def schemas(self) -> Mapping[str, Any]:
        return self.source.part("components", "schemas")

    def properties(self, schema: Any) -> dict[str, Any]:
        """The properties of an object schema and of its `allOf`, with the keywords of their references."""
        schema = self.resolve(schema)
        found: dict[str, Any] = {}
        for part in schema.get("allOf", ()):
            found |= self.properties(part)
        for key, value in schema.get("properties", {}).items():
            found[key] = {**self.resolve(value), **value}
        return found

    @cached_property
    def files(self) -> dict[str, Mapping[str, Any]]:
        """x-file of all properties that have it, by JSON pointer."""
        nodes = (node for node in walk(self.document) if not node.has_names)
        return {node.pointer: node.value["x-file"] for node in nodes if isinstance(node.value.get("x-file"), Mapping)}

    @cached_property
    def uploaded_lines(self) -> frozenset[str]:
        """The schemas of the lines that callers write: the lines of the files that they upload."""
        return frozenset(str(file.get("line")) for file in self.files.values() if "upload" in file)

    def _alternatives(self, schema: Mapping[str, Any]) -> list[str]:
        """The references in the `mapping` of a discriminator, which may also be names of components."""
        written = as_map(as_map(schema.get("discriminator")).get("mapping")).values()
        references = [str(one) if "#" in str(one) else f"{_SCHEMAS}{one}" for one in written]
        return [one for one in references if self.source.target(one)]

    @cached_property
    def extensions(self) -> dict[str, list[str]]:
        """The references to the components that extend a component with a discriminator, by its reference."""
        children: dict[str, list[str]] = {}
        for name, schema in self.schemas.items():
            for part in as_list(as_map(schema).get("allOf")):
                if target := self.source.target(as_map(part).get("$ref")):
                    children.setdefault(f"#{target}", []).append(f"{_SCHEMAS}{name}")
        found: dict[str, list[str]] = {}
        for name, schema in self.schemas.items():
            if "discriminator" in as_map(schema):
                below = found[f"{_SCHEMAS}{name}"] = list(children.get(f"{_SCHEMAS}{name}", ()))
                for child in below:
                    below += [one for one in children.get(child, ()) if one not in below]
        return found

    def schema_names(self, node: Any, *, received: bool = False) -> list[str]:
        """The names of the component schemas that `node` refers to, directly or indirectly, in order of first use.

        x-file refers to the schema of a line. With `received`, lines that callers write are left out. A schema with a
        discriminator refers to the schemas that `mapping` names, and to the schemas that extend it.
        """
        references: dict[str, None] = {}

        def follow(node: Any) -> None:
            for part in walk(node):
                if part.has_names:
                    continue
                found = [part.value.get("$ref")]
                line = as_map(part.value.get("x-file")).get("line")
                if isinstance(line, str) and not (received and line in self.uploaded_lines):
                    found.append(f"{_SCHEMAS}{line}")
                found += self._alternatives(part.value)
                for reference in found:
                    if isinstance(reference, str) and reference not in references:
                        references[reference] = None
                        found += self.extensions.get(reference, ())
                        follow(self.source.resolve({"$ref": reference})[0])

        follow(node)
        names = [reference.removeprefix(_SCHEMAS) for reference in references if reference.startswith(_SCHEMAS)]
        return [name for name in names if name in self.schemas]
