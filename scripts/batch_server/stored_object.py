"""The records of the stores: a stored object, and the parts of the server that all stores share."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from scripts.openapi.contract import Contract

from .clock import ServerClock
from .file_store import FileStore
from .schema_values import SchemaValues
from .status_timeline import Pace, StatusTimeline

Scope = tuple[str, ...]
"""The values of the parameters in the path of the collection."""


@frozen
class Surroundings:
    """The parts of the server that all stores share."""

    contract: Contract
    clock: ServerClock
    pace: Pace
    files: FileStore
    values: SchemaValues


@define(eq=False)
class StoredObject:
    """An object, with the request that created it."""

    id: Any
    index: int
    """Its position among all objects of the resource, counted from the oldest."""
    scope: Scope
    request: Mapping[str, Any]
    created: float
    fields: dict[str, Any]
    """The fields that do not follow from the time."""
    timeline: StatusTimeline | None = None
    content: bytes | None = None
    """The uploaded bytes."""
    media_type: str = ""
    computed: dict[str, Any] = field(factory=dict)
    """Fields that are computed once."""
