"""Rules about a whole document: servers, version, information, and unused components."""

from typing import Any

from scripts.openapi.document import as_map
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.version import numbers

from .rule import Findings, changed_from, quoted, quoted_list, rule


def _servers(side: list[Any]) -> dict[str, Any]:
    """The servers by URL. The default is the server `/`."""
    return {str(as_map(server).get("url", "/")).rstrip("/") or "/": as_map(server) for server in side} or {"/": {}}


@rule(PairKind.SERVERS, Effect.BREAKS)
def server_removed(pair: Pair[list[Any]]) -> Findings:
    """A server was removed.

    Callers that use its URL fail, for example generated clients with this URL as default.
    Instead: redirect the old URL to the new URL for a time.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in old:
        if url not in new and old[url]:
            yield Change(f"server {quoted(url)} removed", url, sorted(new), subject=url)


@rule(PairKind.SERVERS, Effect.ADDS)
def server_added(pair: Pair[list[Any]]) -> Findings:
    """A server was added.

    Callers do not have to change anything.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in new:
        if url not in old and new[url]:
            yield Change(f"server {quoted(url)} added", None, url, subject=url)


@rule(PairKind.SERVERS, Effect.UNSETTLES)
def server_default_moved(pair: Pair[list[Any]]) -> Findings:
    """Another server is the first in the list, and therefore the default.

    Generated clients use another server unless they set the URL.
    Instead: add new servers at the end of the list.
    """
    old, new = list(_servers(pair.old)), list(_servers(pair.new))
    if old[0] != new[0] and old[0] in new and new[0] in old:
        yield Change(f"the first server was {quoted(old[0])} and is now {quoted(new[0])}", old[0], new[0])


@rule(PairKind.SERVERS, Effect.UNSETTLES)
def server_variable_changed(pair: Pair[list[Any]]) -> Findings:
    """A variable in the URL of a server has another default or other values.

    Callers that rely on the default reach another server.
    Instead: keep the default, and add values.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in sorted(old.keys() & new.keys()):
        before, after = (as_map(side[url].get("variables")) for side in (old, new))
        if canonical_json(_defaults_and_enums(before)) != canonical_json(_defaults_and_enums(after)):
            yield Change(f"the variables of server {quoted(url)} changed", before, after, subject=url)


def _defaults_and_enums(variables: Any) -> dict[str, Any]:
    return {name: [as_map(one).get("default"), as_map(one).get("enum")] for name, one in variables.items()}


@rule(PairKind.DOCUMENT, Effect.UNSETTLES)
def version_lowered(pair: Pair[Object]) -> Findings:
    """The version of the contract became lower.

    Tools that compare versions treat the new contract as older than the old contract.
    Instead: raise the version.
    """
    old, new = (as_map(side.get("info")).get("version") for side in (pair.old, pair.new))
    before, after = numbers(str(old)), numbers(str(new))
    if before and after and after < before:
        yield Change(changed_from("the version", old, new), old, new, "/info/version", "/info/version")


@rule(PairKind.DOCUMENT, Effect.DESCRIBES)
def information_changed(pair: Pair[Object]) -> Findings:
    """The title, description, contact or another text about the whole contract changed.

    Requests and responses stay the same.
    """
    old, new = (as_map(side.get("info")) for side in (pair.old, pair.new))
    changed = sorted(
        key
        for key in old.keys() | new.keys()
        if key != "version" and canonical_json(old.get(key)) != canonical_json(new.get(key))
    )
    if canonical_json(pair.old.get("externalDocs")) != canonical_json(pair.new.get("externalDocs")):
        changed.append("externalDocs")
    if canonical_json(pair.old.get("tags") or []) != canonical_json(pair.new.get("tags") or []):
        changed.append("tags")
    if changed:
        yield Change(f"{', '.join(changed)} changed", old_pointer="/info", new_pointer="/info")


@rule(PairKind.COMPONENTS, Effect.ADDS, PythonEffect.BREAKS)
def schemas_removed(pair: Pair[list[str]]) -> Findings:
    """Component schemas were removed, and no other schema replaces them.

    Other rules report the changes of requests and responses. Users of the package lose the classes.
    """
    if pair.old:
        yield Change(f"schemas removed: {quoted_list(pair.old)}", pair.old, None, subject=canonical_json(pair.old))
