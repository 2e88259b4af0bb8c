"""Schemas in a normal form, in which equivalent spellings of OpenAPI 3.0 and 3.1 are equal."""

from typing import Any, NamedTuple

from attrs import define, field, frozen

from scripts.openapi.pointers import last

from .canonical_json import is_equal

RawSchema = tuple[Any, str]
"""A schema as written in the document, and its JSON pointer."""

ANNOTATIONS = frozenset(
    [
        *("title", "description", "summary", "example", "examples", "externalDocs", "$comment"),
        *("default", "deprecated", "readOnly", "writeOnly", "xml", "discriminator"),
        *("$id", "$schema", "$anchor", "$defs", "definitions"),
    ]
)
"""Keywords that never reject a value."""

WRAPPER_ANNOTATIONS = frozenset(
    [
        *("title", "description", "summary", "example", "examples", "externalDocs"),
        *("default", "deprecated", "readOnly", "writeOnly"),
    ]
)
"""A schema is a wrapper if it has only these annotations, and another schema in `allOf`, `anyOf` or `oneOf`."""

CONFLICTS = "allOf conflicts"
"""An internal keyword for constraints of `allOf` members that could not be merged."""


class Subschemas(list[RawSchema]):
    """The members of `allOf`, `anyOf` or `oneOf`. A member that allows only null is left out."""


class Bound(NamedTuple):
    """The value of a bound, such as `maximum` or `minLength`."""

    value: float
    is_exclusive: bool = False
    """Whether the value itself is excluded."""


@define
class Schema:
    """A schema in normal form.

    - Null is a flag, regardless of whether `nullable`, `type` or an alternative allows null.
    - `const` is an `enum` with one value, together with a keyword `constant`.
    - The wrapped schema replaces its wrapper.
    - Bounds are `Bound`s. Types and required properties are sets.
    - Keywords that have no effect are removed.
    - `$ref` stays unresolved, so that shared components are compared once.
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
        """The pointer of a keyword, or the pointer of the schema if it does not have the keyword."""
        return self.pointers.get(keyword, self.pointer)

    @property
    def types(self) -> frozenset[str]:
        """The allowed types apart from null; empty if all types are allowed."""
        return self.keywords.get("type") or frozenset()

    @property
    def required(self) -> frozenset[str]:
        return self.keywords.get("required") or frozenset()

    @property
    def is_closed(self) -> bool:
        """Whether undeclared properties are rejected."""
        return self.get("additionalProperties") is False or self.get("unevaluatedProperties") is False

    @property
    def constrains(self) -> bool:
        """Whether a keyword of the schema, apart from `properties` and `$ref`, can reject a value."""
        return any(is_constraint(keyword) for keyword in self.keywords)

    @property
    def name(self) -> str:
        """The name of the schema in messages."""
        return last(self.ref) if self.ref else self._title_or_types or "a schema"

    @property
    def label_suffix(self) -> str:
        """The suffix of an alternative's label; empty for a reference, because the component has its own label."""
        return f"({self._title_or_types})" if self._title_or_types and not self.ref else ""

    @property
    def _title_or_types(self) -> str:
        return str(self.get("title") or " or ".join(sorted(self.types)))

    @property
    def alternatives_keyword(self) -> str | None:
        """`oneOf` or `anyOf`, or None if the schema has neither."""
        return next((keyword for keyword in ("oneOf", "anyOf") if keyword in self.keywords), None)

    def subschemas(self, keyword: str) -> list[RawSchema]:
        """The schemas below a keyword, which contains an array of schemas or a single schema."""
        value, pointer = self.get(keyword), self.pointer_of(keyword)
        if isinstance(value, Subschemas):
            return list(value)
        if isinstance(value, list):
            return [(node, f"{pointer}/{index}") for index, node in enumerate(value)]
        return [(value, pointer)] if keyword in self.keywords else []


_TEXTS = frozenset(["title", "description", "summary", "example", "examples", "externalDocs", "$comment"])


def differ(old: Schema, new: Schema) -> bool:
    """Whether two schemas may differ in more than texts, and in the schemas of their properties."""
    if old.ref != new.ref or old.nullable != new.nullable or old.properties.keys() != new.properties.keys():
        return True
    sides = [
        {keyword: value for keyword, value in schema.keywords.items() if keyword not in _TEXTS} for schema in (old, new)
    ]
    if sides[0] != sides[1]:
        return True
    # In Python, True == 1; in JSON they differ.
    return any(
        type(value) is not type(sides[1][keyword])
        or (isinstance(value, (list, dict)) and not is_equal(value, sides[1][keyword]))
        for keyword, value in sides[0].items()
    )


@frozen
class Property:
    """A property of an object schema."""

    name: str
    required: bool
    schema: Schema
    owner: Schema
    """The object schema of the property. An added or removed property has the other document's object schema."""
    read_only: bool
    write_only: bool

    @property
    def pointer(self) -> str:
        return self.schema.pointer


@frozen
class Alternatives:
    """The added members, or the removed members, of `allOf`, `anyOf` or `oneOf`."""

    keyword: str
    schemas: list[Schema]
    kept: list[Schema]
    """The members that exist in both documents."""

    @property
    def pointer(self) -> str:
        return self.schemas[0].pointer


def is_constraint(keyword: str) -> bool:
    """Whether a keyword can reject values."""
    return keyword not in ANNOTATIONS and not keyword.startswith("x-")
