"""Schemas in a normal form, in which equivalent spellings of OpenAPI 3.0 and 3.1 are equal."""

from typing import Any, NamedTuple

from attrs import define, field, frozen

from scripts.openapi.pointers import last

RawSchema = tuple[Any, str]
"""A schema as written in the document, and its JSON pointer."""

ANNOTATIONS = frozenset(
    [
        *("title", "description", "summary", "example", "examples", "externalDocs", "$comment"),
        *("default", "deprecated", "readOnly", "writeOnly", "xml", "discriminator"),
        *("$id", "$schema", "$anchor", "$defs", "definitions"),
    ]
)
"""Keywords that never refuse a value."""

WRAPPER_ANNOTATIONS = frozenset(
    [
        *("title", "description", "summary", "example", "examples", "externalDocs"),
        *("default", "deprecated", "readOnly", "writeOnly"),
    ]
)
"""A schema with only these annotations beside another schema counts as a wrapper."""

CONFLICTS = "allOf conflicts"
"""An internal keyword for constraints of `allOf` members that could not be merged."""


class Subschemas(list[RawSchema]):
    """The members of `allOf`, `anyOf` or `oneOf`, without the alternative null."""


class Bound(NamedTuple):
    """The value of a bound, such as `maximum` or `minLength`."""

    value: float
    is_exclusive: bool = False
    """Whether the value itself is not admitted."""


@define
class Schema:
    """A schema in normal form.

    - Null is a flag, regardless of whether `nullable`, `type` or an alternative admits it.
    - `const` is an `enum` with one value, together with a keyword `constant`.
    - A wrapper is replaced by the wrapped schema.
    - Bounds are of type `Bound`, types and required properties are sets.
    - Keywords that have no effect are removed.
    - `$ref` remains a reference, so that shared components are compared once.
    """

    pointer: str
    keywords: dict[str, Any] = field(factory=dict)
    """The values of the keywords other than `$ref` and `properties`."""
    pointers: dict[str, str] = field(factory=dict)
    """The JSON pointers of the keywords."""
    ref: str | None = None
    """The pointer of the component that `$ref` refers to."""
    nullable: bool = False
    properties: dict[str, RawSchema] = field(factory=dict)

    def get(self, keyword: str, default: Any = None) -> Any:
        return self.keywords.get(keyword, default)

    def pointer_of(self, keyword: str) -> str:
        """The pointer of a keyword, or of the schema if it has no such keyword."""
        return self.pointers.get(keyword, self.pointer)

    @property
    def types(self) -> frozenset[str]:
        """The admitted types apart from null; empty if all types are admitted."""
        return self.keywords.get("type") or frozenset()

    @property
    def required(self) -> frozenset[str]:
        return self.keywords.get("required") or frozenset()

    @property
    def is_closed(self) -> bool:
        """Whether undeclared properties are refused."""
        return self.get("additionalProperties") is False or self.get("unevaluatedProperties") is False

    @property
    def constrains(self) -> bool:
        """Whether the schema's own keywords, apart from `properties` and `$ref`, can refuse a value."""
        return any(is_constraint(keyword) for keyword in self.keywords)

    @property
    def name(self) -> str:
        """The name of the schema in messages."""
        return last(self.ref) if self.ref else self._title_or_types or "a schema"

    @property
    def label_suffix(self) -> str:
        """The suffix of an alternative in labels; empty for a reference, because the component has its own label."""
        return f"({self._title_or_types})" if self._title_or_types and not self.ref else ""

    @property
    def _title_or_types(self) -> str:
        return str(self.get("title") or " or ".join(sorted(self.types)))

    @property
    def alternatives_keyword(self) -> str | None:
        """`oneOf` or `anyOf`, if the schema has one of them."""
        return next((keyword for keyword in ("oneOf", "anyOf") if keyword in self.keywords), None)

    def subschemas(self, keyword: str) -> list[RawSchema]:
        """The schemas that a keyword holds, whether it holds an array or a single schema."""
        value, pointer = self.get(keyword), self.pointer_of(keyword)
        if isinstance(value, Subschemas):
            return list(value)
        if isinstance(value, list):
            return [(node, f"{pointer}/{index}") for index, node in enumerate(value)]
        return [(value, pointer)] if keyword in self.keywords else []


@frozen
class Property:
    """A property of an object schema."""

    name: str
    required: bool
    schema: Schema
    owner: Schema
    """The object schema of the property. For an added or removed property: the other document's object schema."""
    read_only: bool
    write_only: bool

    @property
    def pointer(self) -> str:
        return self.schema.pointer


@frozen
class Alternatives:
    """The members of `allOf`, `anyOf` or `oneOf` that were added, or those that were removed."""

    keyword: str
    schemas: list[Schema]
    kept: list[Schema]
    """The members that exist in both documents."""

    @property
    def pointer(self) -> str:
        return self.schemas[0].pointer


def is_constraint(keyword: str) -> bool:
    """Whether a keyword can refuse values."""
    return keyword not in ANNOTATIONS and not keyword.startswith("x-")
