"""Compares the parameters, request bodies, responses and headers of operations."""

from collections.abc import Mapping

from attrs import define

from scripts.openapi.document import as_map
from scripts.openapi.operations import Operation, Parameter, headers
from scripts.openapi.pointers import below, last

from .canonical_json import is_equal
from .document import ComparedDocument
from .encodings import encodings_of, json_properties
from .matching import match_names
from .medium import Medium, medium_of
from .merging import resolve_ref
from .operations import Message, parameter_schema
from .pairs import PairKind
from .reach import Comparison, Propagation, Scope
from .schema import Bound, RawSchema
from .walk_schemas import Context, SchemaWalker, is_binary


@define
class MessageWalker:
    """Compares the messages of operations. A message that several operations share is compared once."""

    comparison: Comparison
    schemas: SchemaWalker

    @property
    def _documents(self) -> tuple[ComparedDocument, ComparedDocument]:
        return self.comparison.documents

    def parameter(
        self, parent: Scope, old: Parameter, new: Parameter, label: str, kind: PairKind = PairKind.PARAMETER
    ) -> None:
        """Compare two parameters, or two headers."""
        scope, is_new = self.comparison.scope_below(parent, (kind, old.pointer, new.pointer), label)
        pointers = old.pointer, new.pointer
        if not is_new or self.comparison.judge_unread(scope, old.node, new.node, label, pointers):
            return
        if not _is_unchanged(self._documents, old, new):
            self.comparison.judge(scope, kind, old, new, label)
        for node_kind in (PairKind.LIFESPAN, PairKind.EXTENSIONS):
            self.comparison.judge(scope, node_kind, old.node, new.node, label, pointers)
        if old.written_schema and new.written_schema:
            raw = old.written_schema, new.written_schema
            context = Context(scope, label, Medium.FIELDS if _is_exploded(new) else Medium.TEXT)
            # A rule about parameters judges the default of a parameter.
            has_defaults = kind is PairKind.HEADER
            if items := _items_of_list(self._documents, old, new):
                self.comparison.judge(scope, PairKind.PARAMETER_LIST, old, new, label)
                raw = raw[0], items
                context = context.inside("")
                has_defaults = False
            self.schemas.walk(context, *raw, defaults=has_defaults)
        if as_map(old.node.get("content")) and as_map(new.node.get("content")):
            self._content(scope, Message("", old.node, old.pointer), Message("", new.node, new.pointer), label)

    def body(self, parent: Scope, old: Operation, new: Operation) -> None:
        """Compare the request bodies of two operations."""
        before, after = (
            Message("", *document.resolve(operation.node["requestBody"], f"{operation.pointer}/requestBody"))
            if operation.node.get("requestBody") is not None
            else None
            for document, operation in zip(self._documents, (old, new), strict=True)
        )
        label = f"{new.label} request"
        if before and after:
            pointers = before.pointer, after.pointer
            if self.comparison.judge_unread(parent, before.node, after.node, label, pointers):
                return
            if after.pointer.startswith("/components/requestBodies/"):
                label = f"request body {last(after.pointer)}"
            self._message(parent, before, after, PairKind.BODY, label)
        elif before or after:
            self.comparison.judge(parent, PairKind.BODY, before, after, label)

    def responses(self, parent: Scope, old: Operation, new: Operation) -> None:
        """Compare the responses of two operations."""
        before, after = (
            {
                str(code): Message(str(code), *document.resolve(node, below(operation.pointer, "responses", code)))
                for code, node in as_map(operation.node.get("responses")).items()
                if not str(code).startswith("x-")
            }
            for document, operation in zip(self._documents, (old, new), strict=True)
        )
        key = ("responses", old.pointer, new.pointer)
        scope, _ = self.comparison.scope_below(parent, key, new.label, Propagation.REVERSED)
        pairs, removed, added = _match_statuses(before, after)
        for code, new_code in pairs.items():
            response = after[new_code]
            is_shared = response.pointer.startswith("/components/responses/")
            label = f"response {last(response.pointer)}" if is_shared else f"{new.label} {new_code}"
            self._message(scope, before[code], response, PairKind.RESPONSE, label)
        for code in removed:
            if cover := _covering(code, after):
                # The response is still described, by a range or by `default`.
                self._message(scope, before[code], after[cover], PairKind.RESPONSE, f"{new.label} {code}", judged=False)
            elif not _is_range_of(code, after):
                self.comparison.judge(scope, PairKind.RESPONSE, before[code], None, f"{new.label} {code}")
        for code in added:
            if cover := _covering(code, before):
                self._message(scope, before[cover], after[code], PairKind.RESPONSE, f"{new.label} {code}", judged=False)
            # Callers had to expect each code of a range, but `default` is for errors only.
            described = before[cover] if cover and cover != "default" else None
            self.comparison.judge(scope, PairKind.RESPONSE, described, after[code], f"{new.label} {code}")

    def _message(
        self, parent: Scope, old: Message, new: Message, kind: PairKind, label: str, *, judged: bool = True
    ) -> None:
        """Compare two messages; `judged=False` compares only their contents and headers."""
        scope, is_new = self.comparison.scope_below(parent, (kind, old.pointer, new.pointer), label)
        pointers = old.pointer, new.pointer
        if not is_new or self.comparison.judge_unread(scope, old.node, new.node, label, pointers):
            return
        if judged:
            self.comparison.judge(scope, kind, old, new, label)
            self._texts(scope, old, new, label)
        self._content(scope, old, new, label)
        if kind is PairKind.RESPONSE:
            self._headers(scope, old, new, label)
            self._links(scope, old, new, label)

    def _texts(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        self.comparison.judge(scope, PairKind.MESSAGE_TEXT, old, new, label)
        self.comparison.judge(scope, PairKind.EXTENSIONS, old.node, new.node, label, (old.pointer, new.pointer))

    def _links(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        before, after = as_map(old.node.get("links")), as_map(new.node.get("links"))
        for name in {**before, **after}:
            pointers = below(old.pointer, "links", name), below(new.pointer, "links", name)
            link_label = f"{label} link {name}"
            self.comparison.judge(scope, PairKind.LINK, before.get(name), after.get(name), link_label, pointers)

    def _content(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        """Compare the media types of two messages."""
        before, after = (_media_types(*side) for side in zip(self._documents, (old, new), strict=True))
        common, removed, added = match_names(before, after)
        pairs = {name: name for name in common}
        for name in list(removed):
            related = [other for other in added if _is_related(name, other)]
            if related:
                pairs[name] = related[0]
                removed.remove(name)
                added.remove(related[0])
        for name in removed:
            if cover := _covering_type(name, after):
                # A range of media types still describes the media type.
                self._media_type(scope, before[name], after[cover], f"{label} {before[name].name}", judged=False)
            else:
                self.comparison.judge(scope, PairKind.MEDIA_TYPE, before[name], None, label)
        for name in added:
            if cover := _covering_type(name, before):
                self._media_type(scope, before[cover], after[name], f"{label} {after[name].name}", judged=False)
            self.comparison.judge(scope, PairKind.MEDIA_TYPE, None, after[name], label)
        for name, new_name in pairs.items():
            inner = label if len(after) == 1 else f"{label} {after[new_name].name}"
            self._media_type(scope, before[name], after[new_name], inner)

    def _media_type(self, scope: Scope, old: Message, new: Message, label: str, *, judged: bool = True) -> None:
        pointers = old.pointer, new.pointer
        if self.comparison.judge_unread(scope, old.node, new.node, label, pointers):
            return
        if judged:
            self.comparison.judge(scope, PairKind.MEDIA_TYPE, old, new, label)
            self._texts(scope, old, new, label)
        medium = medium_of(new.name if old.name == "*/*" else old.name)
        json_parts: frozenset[str] = frozenset()
        if medium in (Medium.FORM, Medium.MULTIPART):
            encodings = encodings_of(self._documents, (old, new), medium)
            self.comparison.judge(scope, PairKind.ENCODING, *encodings, label, pointers)
            json_parts = json_properties(encodings)
        for keyword, suffix in (("schema", ""), ("itemSchema", "[]")):
            # The items of a stream are JSON, for example in JSON lines and in the events of a server.
            inner = Medium.JSON if keyword == "itemSchema" else medium
            context = Context(scope, label + suffix, inner, json_parts)
            raw = [(side.node.get(keyword), f"{side.pointer}/{keyword}") for side in (old, new)]
            self._content_schema(context, raw[0], raw[1])

    def _content_schema(self, context: Context, old: RawSchema, new: RawSchema) -> None:
        """Compare the schemas of two bodies. A body without a schema can be anything."""
        if (old[0] is None) == (new[0] is None):
            if old[0] is not None:
                self.schemas.walk(context, old, new)
            return
        document, raw = (self._documents[0], old) if new[0] is None else (self._documents[1], new)
        schema = resolve_ref(document, document.schema(*raw))
        if schema.constrains and not is_binary(self._documents, schema):
            sides = old[0], new[0]
            self.comparison.judge(context.scope, PairKind.CONTENT_SCHEMA, *sides, context.label, (old[1], new[1]))

    def _headers(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        before, after = (
            headers(document, message.node, message.pointer)
            for document, message in zip(self._documents, (old, new), strict=True)
        )
        common, removed, added = match_names(before, after)
        for name in common:
            header = after[name]
            is_shared = header.pointer.startswith("/components/")
            header_label = f"header {last(header.pointer)}" if is_shared else f"{label} header {header.name}"
            self.parameter(scope, before[name], header, header_label, PairKind.HEADER)
        for name in removed:
            self.comparison.judge(scope, PairKind.HEADER, before[name], None, f"{label} header {before[name].name}")
        for name in added:
            self.comparison.judge(scope, PairKind.HEADER, None, after[name], f"{label} header {after[name].name}")


def _match_statuses(
    before: Mapping[str, Message], after: Mapping[str, Message]
) -> tuple[dict[str, str], list[str], list[str]]:
    """Match responses by status code, and a range of codes with a single code that replaces it."""
    common, removed, added = match_names(before, after)
    pairs = {code: code for code in common}
    for code in list(removed):
        wider = [other for other in added if other.upper() == f"{code[:1]}XX"]
        narrower = [other for other in added if code.upper() == f"{other[:1]}XX"]
        if len(wider + narrower) == 1:
            pairs[code] = (wider + narrower)[0]
            removed.remove(code)
            added.remove(pairs[code])
    return pairs, removed, added


def _covering(code: str, responses: Mapping[str, Message]) -> str | None:
    """The range, or `default`, that describes a status code which is not listed.

    Beside a listed success, `default` describes errors, so that it says nothing about another success.
    """
    of_range = next((other for other in responses if other.upper() == f"{code[:1]}XX" and other != code), None)
    if of_range or code == "default" or "default" not in responses:
        return of_range
    is_error_only = code.startswith("2") and any(other.startswith("2") for other in responses)
    return None if is_error_only else "default"


def _is_range_of(code: str, responses: Mapping[str, Message]) -> bool:
    """Whether a code is a range, and single codes of the range are listed."""
    return code.upper().endswith("XX") and any(other.startswith(code[:1]) for other in responses)


def _media_types(document: ComparedDocument, message: Message) -> dict[str, Message]:
    """The media types of a message, by name in lower case and without spaces."""
    return {
        str(name).lower().replace(" ", ""): Message(
            str(name), *document.resolve(node, below(message.pointer, "content", name))
        )
        for name, node in as_map(message.node.get("content")).items()
    }


def _covering_type(name: str, others: Mapping[str, Message]) -> str | None:
    """The range of media types that contains a media type which is not listed."""
    main = name.partition("/")[0]
    return next((other for other in (f"{main}/*", "*/*") if other in others and other != name), None)


def _is_unchanged(documents: tuple[ComparedDocument, ComparedDocument], old: Parameter, new: Parameter) -> bool:
    """Whether two parameters are equal, apart from components to which their schemas refer."""
    is_referring = "$ref" in as_map(new.node.get("schema"))
    return documents[0].is_30 == documents[1].is_30 and not is_referring and is_equal(old.node, new.node)


def _is_exploded(parameter: Parameter) -> bool:
    """Whether arrays and objects are sent as several fields of the query or as several cookies."""
    return parameter.style == "deepObject" or (parameter.location in ("query", "cookie") and parameter.explode)


def _items_of_list(
    documents: tuple[ComparedDocument, ComparedDocument], old: Parameter, new: Parameter
) -> RawSchema | None:
    """The schema of the items, if a scalar became a list that serializes a single item in the same way."""
    before, after = (parameter_schema(*side) for side in zip(documents, (old, new), strict=True))
    is_list = after.types == {"array"} and new.explode and new.style == "form"
    if (
        not is_list
        or not before.types
        or before.types & {"array", "object"}
        or after.get("minItems", Bound(0)).value > 1
    ):
        return None
    items = after.get("items")
    return (items if isinstance(items, Mapping) else {}, after.pointer_of("items"))


def _is_related(old: str, new: str) -> bool:
    """Whether one of two media types includes the other, regardless of their parameters."""
    old, new = old.partition(";")[0], new.partition(";")[0]
    if old == new:
        return True
    (old_type, _, old_subtype), (new_type, _, new_subtype) = old.partition("/"), new.partition("/")
    if old_type != new_type:
        return "*/*" in (old, new)
    return (
        "*" in (old_subtype, new_subtype)
        or old_subtype.endswith(f"+{new_subtype}")
        or new_subtype.endswith(f"+{old_subtype}")
    )
