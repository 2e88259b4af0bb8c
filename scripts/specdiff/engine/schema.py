"""Schemas in one spelling: what means the same looks the same, whatever version and style it was written in.

Null is a flag, whether it was said by `nullable`, in `type` or by a branch. A `const` is an enum of one. A schema that
only wraps another is that other one. Bounds are pairs of a value and whether it is admitted. What constrains nothing is
not there. `$ref` stays a reference, so that what is shared is compared once.
"""

from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    pass

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


class Branches(list[tuple[Any, str]]):
    """The alternatives of a schema but for null, or the schemas that it combines: each as written, and where."""


@define
class Schema:
    """One schema; `keywords` hold what is left once spelling is set aside."""

    pointer: str
    keywords: dict[str, Any] = field(factory=dict)
    homes: dict[str, str] = field(factory=dict)
    """Where the value of each keyword stands, as JSON pointers."""
    base: str | None = None
    """The pointer of the component that it refers to; `keywords` are what it says besides."""
    nullable: bool = False
    properties: dict[str, tuple[Any, str]] = field(factory=dict)
    """Each property as it is written, and where."""

    def get(self, keyword: str, default: Any = None) -> Any:
        return self.keywords.get(keyword, default)

    def home(self, keyword: str) -> str:
        """Where a keyword stands, or the schema where it does not."""
        return self.homes.get(keyword, self.pointer)

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
    def branches(self) -> str | None:
        """The keyword of its alternatives, if it has some."""
        return next((key for key in ("oneOf", "anyOf") if key in self.keywords), None)

    def below(self, keyword: str) -> list[tuple[Any, str]]:
        """The schemas in an array or object that a keyword holds, as they are written, and where."""
        value, home = self.get(keyword), self.home(keyword)
        if isinstance(value, Branches):
            return list(value)
        if isinstance(value, list):
            return [(node, f"{home}/{index}") for index, node in enumerate(value)]
        return [(value, home)] if keyword in self.keywords else []
