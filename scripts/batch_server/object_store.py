"""The objects of a resource in memory: created, listed, changed and deleted as the contract says."""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from scripts.openapi.contract import snake_case

from .errors import RequestRejected
from .file_store import StoredFile
from .form_body import RequestBody
from .pages import Pages
from .resources import Resource, Role, lifecycle
from .status_timeline import StatusTimeline, TimelinePlanner
from .stored_object import Scope, StoredObject, Surroundings


class ObjectStore:
    """All objects of a resource."""

    def __init__(self, resource: Resource, shared: Surroundings) -> None:
        self.resource = resource
        self.shared = shared
        self.objects: list[StoredObject] = []
        """The objects, oldest first."""
        self._by_id: dict[tuple[Scope, str], StoredObject] = {}
        self._by_key: dict[str, StoredObject] = {}
        self._created = 0
        self._noun = snake_case(str(resource.schema.get("$ref", "object")).rpartition("/")[2]).replace("_", " ")
        self._properties = shared.values.properties(resource.schema)
        create = resource.operation(Role.CREATE) or resource.operation(Role.RETRIEVE)
        self._example: Any = create.example if create else None
        self._defaults = shared.values.defaults(resource.schema, self._example)
        if not isinstance(self._defaults, dict):
            self._defaults = {}
        self._allowed: dict[tuple[str, type], bool] = {}
        self._pages = Pages(resource, shared.values) if resource.operation(Role.LIST) else None
        self.planner: TimelinePlanner | None = None
        if enum := lifecycle(shared.contract, resource):
            changes = resource.roles.get(Role.TRANSITION, ())
            targets = [change.document["x-lifecycle"]["towards"] for change in changes]
            self.planner = TimelinePlanner(enum, targets, shared.pace)
        if resource.operation(Role.CREATE) is None:
            self._add_documented()

    def __len__(self) -> int:
        """The number of objects."""
        return len(self.objects)

    def create(
        self,
        request: Mapping[str, Any],
        object_id: str | None = None,
        *,
        scope: Scope = (),
        key: str | None = None,
        body: RequestBody | None = None,
    ) -> dict[str, Any]:
        """Create an object.

        Args:
            request: The fields of the request body.
            object_id: The id. Default: the value of the id's field in the request, or a new id.
            scope: The values of the parameters in the path of the collection.
            key: The idempotency key. The same key returns the object that exists.
            body: The request body, whose upload is the content of the object.
        """
        if key is not None and (existing := self._by_key.get(key)):
            if existing.request != request:
                message = "The idempotency key was used with another request."
                raise RequestRejected(409, message, code="idempotency_key_reused")
            return self.document(existing)
        self.shared.files.reserve(self._size(request))
        stored = self._stored(request, object_id, scope)
        if body is not None and body.files:
            self._keep_content(stored, body)
        self._add(stored)
        if key is not None:
            self._by_key[key] = stored
        return self.document(stored)

    def retrieve(self, object_id: str, scope: Scope = ()) -> dict[str, Any]:
        """The present state of an object."""
        return self.document(self.get(object_id, scope))

    def update(self, object_id: str, changes: Mapping[str, Any], scope: Scope = ()) -> dict[str, Any]:
        """Replace fields of an object."""
        stored = self.get(object_id, scope)
        stored.fields = self._with_valid(stored.fields, changes, self.resource.id_field)
        return self.document(stored)

    def delete(self, object_id: str, scope: Scope = ()) -> dict[str, Any]:
        """Remove an object, and return its last state."""
        stored = self.get(object_id, scope)
        if self._by_id.pop((stored.scope, str(stored.id)), None):
            self.objects.remove(stored)
        self.shared.files.by_id.pop(str(stored.id), None)
        return self.document(stored)

    def lead(self, object_id: str, target: str, scope: Scope = ()) -> dict[str, Any]:
        """Lead an object to a status. An object with this status does not change."""
        stored = self.get(object_id, scope)
        now = self.shared.clock.now()
        assert self.planner is not None
        assert stored.timeline is not None
        timeline = self.planner.lead(stored.timeline, target, now)
        if timeline is None:
            status = stored.timeline.until(now).status
            message = f"The {self._noun} is {status}, and cannot become {target}."
            raise RequestRejected(409, message, code="status_not_allowed")
        stored.timeline = timeline
        return self.document(stored)

    def page(self, query: Mapping[str, str], scope: Scope = ()) -> dict[str, Any]:
        """A page of the list. Parameters with the name of a field filter the objects."""
        assert self._pages is not None
        is_documented = self.resource.operation(Role.CREATE) is None
        listed = [stored for stored in self.objects if is_documented or stored.scope == scope]
        paging = self.resource.pagination
        for name in query.keys() & self._properties.keys() - {paging["cursor"], paging["page_size"]}:
            listed = [stored for stored in listed if _as_text(self.document(stored).get(name)) == query[name]]
        return self._pages.page(listed, query, self.document)

    def content(self, object_id: str, scope: Scope = ()) -> tuple[bytes, str] | None:
        """The content of an object and its media type, or None if nothing was uploaded for it."""
        stored = self.get(object_id, scope)
        return None if stored.content is None else (stored.content, stored.media_type)

    def get(self, object_id: str, scope: Scope = ()) -> StoredObject:
        """The object with an id.

        If no operation creates objects, every id exists.
        """
        found = self._by_id.get((scope, object_id))
        if found is None and self.resource.operation(Role.CREATE) is None:
            return self._stored({}, object_id, scope)
        if found is None:
            raise RequestRejected(404, f"No {self._noun} with the id '{object_id}' exists.", param=self._id_param)
        return found

    def add_file(self, stored: StoredFile) -> None:
        """Add an object for a file that the server made."""
        created = self._stored(stored.to_dict(), stored.id, ())
        created.content, created.media_type = stored.content, "application/octet-stream"
        self._add(created)

    def document(self, stored: StoredObject) -> dict[str, Any]:
        """The present state of an object as JSON."""
        found = dict(stored.fields)
        if stored.timeline is not None and self.resource.status_field:
            past = stored.timeline.until(self.shared.clock.now())
            self._set(found, self.resource.status_field, past.status)
            for at, status in past.entries:
                self._set_time(found, f"{status}_at", at)
            for name, value in self._of_status(stored, past).items():
                self._set(found, name, value)
        return found

    def _stored(self, request: Mapping[str, Any], object_id: str | None, scope: Scope) -> StoredObject:
        """A new object, which is not yet in the list."""
        now = self.shared.clock.now()
        identity = self._identity(object_id or request.get(self.resource.id_field))
        fields = self._with_valid(dict(self._defaults), request)
        fields[self.resource.id_field] = identity
        self._set_time(fields, self.resource.pagination.get("order", {}).get("by", "created_at"), now)
        stored = StoredObject(identity, self._created, scope, request, now, fields)
        stored.timeline = self.planner.plan(now) if self.planner else None
        return stored

    def _add(self, stored: StoredObject) -> None:
        if (stored.scope, str(stored.id)) in self._by_id:
            message = f"A {self._noun} with the id '{stored.id}' exists already."
            raise RequestRejected(409, message, param=self.resource.id_field, code="already_exists")
        self._created += 1
        self.objects.append(stored)
        self._by_id[stored.scope, str(stored.id)] = stored

    def _size(self, request: Mapping[str, Any]) -> int:  # noqa: ARG002 -- subclasses use it
        """The number of bytes that a new object needs, besides its fields."""
        return 0

    def _of_status(self, stored: StoredObject, past: StatusTimeline) -> Mapping[str, Any]:  # noqa: ARG002
        """Fields that depend on the status."""
        return {}

    def _keep_content(self, stored: StoredObject, body: RequestBody) -> None:
        """Keep the first upload as the content, and fill in the usual fields of a file."""
        name, upload = body.files[0]
        self.shared.files.reserve(len(upload.content))
        stored.content, stored.media_type = upload.content, upload.media_type
        known = {"bytes": len(upload.content), "size": len(upload.content), "filename": upload.filename or name}
        stored.fields = self._with_valid(stored.fields, known)
        purpose = str(body.fields.get("purpose", ""))
        self.shared.files.by_id[str(stored.id)] = StoredFile(
            str(stored.id), str(known["filename"]), purpose, int(stored.created), upload.content
        )

    def _identity(self, wanted: Any) -> Any:
        """The wanted id, or a new id that looks like the documented one."""
        schema = self._properties[self.resource.id_field]
        if wanted is not None:
            whole = self.shared.values.whole(schema)
            return (
                int(wanted) if whole.get("type") == "integer" and re.fullmatch(r"-?\d{1,18}", str(wanted)) else wanted
            )
        example = self._example.get(self.resource.id_field) if isinstance(self._example, dict) else ""
        prefix = re.match(r"[A-Za-z]+[-_]", str(example))
        secret = secrets.token_hex(16)
        candidates = [f"{prefix[0] if prefix else ''}{secret}", self._created + 1, int(secret[:12], 16), secret[:8]]
        candidates.append("-".join((secret[:8], secret[8:12], secret[12:16], secret[16:20], secret[20:])))
        is_valid = self.shared.values.is_valid
        return next((one for one in candidates if is_valid(schema, one)), self.shared.values.value(schema))

    def _with_valid(self, fields: dict[str, Any], known: Mapping[str, Any], *but: str) -> dict[str, Any]:
        """The fields, and each known field that the schema of the object has and allows."""
        allowed = {name: value for name, value in known.items() if name in self._properties and name not in but}
        is_valid = self.shared.values.is_valid
        return fields | {name: value for name, value in allowed.items() if is_valid(self._properties[name], value)}

    def _set(self, fields: dict[str, Any], name: str, value: Any) -> bool:
        """Set a field that the server computes, if the schema has it and allows values of this type."""
        key = (name, type(value))
        if key not in self._allowed:
            schema = self._properties.get(name)
            self._allowed[key] = schema is not None and self.shared.values.is_valid(schema, value)
        if self._allowed[key]:
            fields[name] = value
        return self._allowed[key]

    def _set_time(self, fields: dict[str, Any], name: str, at: float) -> None:
        """Set a time: in Unix seconds, or as text."""
        schema = self.shared.values.whole(self._properties.get(name))
        if schema.get("format") == "date-time":
            self._set(fields, name, datetime.fromtimestamp(at, UTC).isoformat())
        elif not self._set(fields, name, int(at)):
            self._set(fields, name, at)

    def _add_documented(self) -> None:
        """Add the objects of the examples, because no operation creates objects."""
        listing = self.resource.operation(Role.LIST)
        page = listing.example if listing else None
        items = page.get(self.resource.pagination["items"], ()) if isinstance(page, dict) else ()
        for item in reversed(items) if self._pages and self._pages.is_descending else items:
            stored = self._stored(item, None, ())
            stored.fields = dict(item)
            if stored.timeline is not None:
                status = item[self.resource.status_field]
                at = item.get(f"{status}_at")
                stored.timeline = StatusTimeline(((at if isinstance(at, int) else stored.created, status),))
            if (stored.scope, str(stored.id)) not in self._by_id:
                self._add(stored)

    @property
    def _id_param(self) -> str | None:
        retrieve = self.resource.operation(Role.RETRIEVE) or self.resource.operation(Role.DELETE)
        names = re.findall(r"\{([^}]*)\}", retrieve.path) if retrieve else []
        return names[self.resource.scope] if names else None


def _as_text(value: Any) -> str:
    """A value as a query parameter."""
    return str(value).lower() if isinstance(value, bool) else str(value)
