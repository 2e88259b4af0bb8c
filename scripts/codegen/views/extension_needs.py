"""Checks that the operations have what the methods for their extensions need."""

from .calls import Call, Group
from .python_types import ExtensionError, at


def check_extensions(group: Group) -> None:
    """Check the operations of a class.

    Raises:
        ExtensionError: A method would need other operations or parameters.
    """
    for call in group.calls.values():
        with at(call.operation.pointer):
            _check(group, call)


def _check(group: Group, call: Call) -> None:
    written = call.operation.document
    if "x-pagination" in written:
        if call.answer is None:
            raise ExtensionError("x-pagination needs a page that is one object; use a component with properties")
        strangers = [field for field in call.keywords if field.place not in ("query", "header") and field.required]
        if strangers:
            raise ExtensionError(f"x-pagination cannot pass {strangers[0].key or 'the body'}; use a parameter")
    if call.target and (call.answer is None or group.retrieval(call.answer) is None or len(call.in_path) != 1):
        raise ExtensionError(
            "x-lifecycle needs the id of the object as the only path parameter, and an operation with the same tag "
            "that retrieves the object by its id"
        )
    if call.create_once:
        if call.answer is None or call.body is None:
            raise ExtensionError("x-create-once needs a body and a result that are components with properties")
        if group.retrieval(call.answer) is None or call.answer.status is None:
            raise ExtensionError(
                "x-create-once needs an operation that retrieves the created object by its id, and its only required "
                "parameter is the id; the object needs a status with x-lifecycle"
            )
        if any(not field.optional for field in group.cancellation(call).keywords):
            raise ExtensionError("x-create-once needs an operation that cancels an object by its id alone")
        finder = group.finder(call)
        for field in (*finder.filters, finder.cursor):
            if not field.optional:
                raise ExtensionError(
                    f"x-create-once needs a list without required parameters; make {field.key} of "
                    f"{finder.operation.id} optional, or remove x-create-once"
                )
