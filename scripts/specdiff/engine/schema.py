"""Schemas in one spelling: what means the same looks the same, whatever version and style it was written in.

Null is a flag, whether it was said by `nullable`, in `type` or by a branch. A `const` is an enum of one. A schema that
only wraps another is that other one. Bounds are pairs of a value and whether it is admitted. What constrains nothing is
not there. `$ref` stays a reference, so that what is shared is compared once.
"""

from typing import Any

from attrs import define, field, frozen

ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "summary",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "example",
        "examples",
        "externalDocs",
        "xml",
        "$comment",
        "$id",
        "$schema",
        "$anchor",
        "$defs",
        "definitions",
        "discriminator",
    ]
)


WORDS = frozenset(
    "title description summary deprecated example examples externalDocs default readOnly writeOnly".split()  # noqa: SIM905
)
"""What a schema says besides admitting values, and what does not keep it from being seen through."""


class Subschemas(list[tuple[Any, str]]):
    """The alternatives of a schema but for null, or the schemas that it combines: each as written, and where."""


@define
class Schema:
    """One schema; `keywords` hold what is left once spelling is set aside."""

    pointer: str
    keywords: dict[str, Any] = field(factory=dict)
    pointers: dict[str, str] = field(factory=dict)
    """Where the value of each keyword stands, as JSON pointers."""
    ref: str | None = None
    """The pointer of the component that it refers to; `keywords` are what it says besides."""
    nullable: bool = False
    properties: dict[str, tuple[Any, str]] = field(factory=dict)
    """Each property as it is written, and where."""

    def get(self, keyword: str, default: Any = None) -> Any:
        return self.keywords.get(keyword, default)

    def pointer_of(self, keyword: str) -> str:
        """Where a keyword stands, or the schema where it does not."""
        return self.pointers.get(keyword, self.pointer)

    @property
    def types(self) -> frozenset[str]:
        """The types that it admits apart from null; none named admits all."""
        return self.keywords.get("type") or frozenset()

    @property
    def required(self) -> frozenset[str]:
        return self.keywords.get("required") or frozenset()

    @property
    def is_closed(self) -> bool:
        """Whether properties that are not declared are refused."""
        return self.get("additionalProperties") is False or self.get("unevaluatedProperties") is False

    @property
    def constrains(self) -> bool:
        """Whether it refuses anything at all by itself, apart from null."""
        return any(key not in ANNOTATIONS and not key.startswith("x-") for key in self.keywords)

    @property
    def alternatives_keyword(self) -> str | None:
        """The keyword of its alternatives, if it has some."""
        return next((key for key in ("oneOf", "anyOf") if key in self.keywords), None)

    def below(self, keyword: str) -> list[tuple[Any, str]]:
        """The schemas in an array or object that a keyword holds, as they are written, and where."""
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
    """The object schema that declares the property, or would have to declare it."""
    read_only: bool
    write_only: bool


@frozen
class Alternatives:
    """The members of `allOf`, `anyOf` or `oneOf` that were added, or those that were removed."""

    keyword: str
    schemas: tuple[Schema, ...]
    names: tuple[str, ...]
    kept: tuple[Schema, ...] = ()
    """The members that exist in both documents."""
