"""The pages of a list, in the order and with the cursor of x-pagination."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import RequestRejected
from .resources import Resource, Role, success_content
from .schema_values import SchemaValues
from .stored_object import StoredObject

DEFAULT_PAGE = 20


class Pages:
    """Makes the pages of the list of a resource."""

    def __init__(self, resource: Resource, values: SchemaValues) -> None:
        listing = resource.operation(Role.LIST)
        assert listing is not None
        self._paging = resource.pagination
        self._order = self._paging.get("order", {})
        self._values = values
        self._schema = success_content(listing)[1]["schema"]
        self._base = values.defaults(self._schema, listing.example)
        schemas = {one["name"]: values.whole(one["schema"]) for one in listing.parameters if one["in"] == "query"}
        self._has_numbers_as_cursors = schemas[self._paging["cursor"]].get("type") == "integer"
        size = schemas[self._paging["page_size"]]
        self._usual_size = size.get("default", size.get("maximum", DEFAULT_PAGE))

    @property
    def is_descending(self) -> bool:
        """Whether the last object comes first."""
        return bool(self._order.get("direction") == "descending")

    def page(
        self,
        objects: Sequence[StoredObject],
        query: Mapping[str, str],
        document: Callable[[StoredObject], dict[str, Any]],
    ) -> dict[str, Any]:
        """A page of objects, which are in the order of their creation.

        Args:
            objects: All objects of the list.
            query: The parameters of the request.
            document: Returns the present state of an object.
        """
        listed = self._sorted(objects)
        start = self._start(listed, query.get(self._paging["cursor"]))
        end = start + int(query.get(self._paging["page_size"], self._usual_size))
        page, has_more = listed[start:end], end < len(listed)
        cursors = [self._cursor(stored) for stored in page]
        name = self._paging["next_cursor"]
        ends = {name.replace("last", "first"): cursors[0]} | {name: cursors[-1]} if cursors else {}
        if self._has_numbers_as_cursors:
            ends = {name: end if has_more else None}
        # The page is valid if its items are. A validation of all items takes long.
        items = self._paging["items"]
        known = {self._paging["more"]: has_more, **ends}
        found: dict[str, Any] = self._values.filled(self._schema, {**self._base, items: []}, known)
        return {**found, items: [document(stored) for stored in page]}

    def _sorted(self, objects: Sequence[StoredObject]) -> list[StoredObject]:
        listed = [*objects]
        # The sort is stable. A list of all numbers or all texts can be sorted.
        by = [stored.fields.get(self._order.get("by"), stored.created) for stored in listed]
        if len({isinstance(value, str) for value in by}) == 1 and None not in by:
            listed = [stored for _, stored in sorted(zip(by, listed, strict=True), key=lambda pair: pair[0])]
        return listed[::-1] if self.is_descending else listed

    def _start(self, listed: list[StoredObject], cursor: str | None) -> int:
        """The position of the first object after the cursor. A number is the position itself."""
        if cursor is None or self._has_numbers_as_cursors:
            return max(int(cursor or 0), 0)
        cursors = [str(self._cursor(stored)) for stored in listed]
        if cursor not in cursors:
            message = f"No object of the list has the id '{cursor}'."
            raise RequestRejected(404, message, param=self._paging["cursor"])
        return cursors.index(cursor) + 1

    def _cursor(self, stored: StoredObject) -> Any:
        return stored.fields[self._paging["item_id"]]
