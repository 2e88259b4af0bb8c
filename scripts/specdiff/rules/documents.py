"""Rules about a whole document: servers, version, information, and unused components."""

import re
from collections.abc import Iterator
from typing import Any

from scripts.openapi.document import as_list, as_map
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.version import numbers

from .rule import Findings, changed_from, quoted, quoted_list, rule

_MOST_VALUES, _MOST_ADDRESSES = 100, 1_000


def _servers(side: list[Any]) -> dict[str, dict[str, Any]]:
    """The servers by URL, with numbers instead of the names of variables. The default is the server `/`."""
    found: dict[str, dict[str, Any]] = {}
    for server in map(as_map, side):
        url = str(server.get("url", "/")).rstrip("/") or "/"
        variables: dict[str, Any] = {}
        for number, name in enumerate(re.findall(r"\{([^}]*)\}", url)):
            url = url.replace(f"{{{name}}}", f"{{{number}}}")
            variables[str(number)] = as_map(as_map(server.get("variables")).get(name))
        found[url] = {"url": str(server.get("url", "/")).rstrip("/") or "/", "variables": variables}
    return found or {"/": {}}


def _addresses(server: Object) -> frozenset[str]:
    """The addresses of a server with the listed values of its variables."""
    found = [str(server.get("url", "/"))]
    for name, variable in zip(re.findall(r"\{([^}]*)\}", found[0]), server.get("variables", {}).values(), strict=True):
        values = [str(value) for value in as_list(variable.get("enum"))][:_MOST_VALUES]
        found = [url.replace(f"{{{name}}}", value) for url in found for value in values or [f"{{{name}}}"]]
    return frozenset(found[:_MOST_ADDRESSES])


@rule(PairKind.SERVERS, Effect.BREAKS)
def server_removed(pair: Pair[list[Any]]) -> Findings:
    """A server was removed.

    Callers that use its URL fail, for example generated clients with this URL as default.
    Instead: redirect the old URL to the new URL for a time.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    addresses = {address for server in new.values() for address in _addresses(server)}
    for url in old:
        if url not in new and old[url] and not _addresses(old[url]) <= addresses:
            name = old[url]["url"]
            yield Change(
                f"server {quoted(name)} removed", name, sorted(one["url"] for one in new.values() if one), subject=name
            )


@rule(PairKind.SERVERS, Effect.ADDS)
def server_added(pair: Pair[list[Any]]) -> Findings:
    """A server was added.

    Callers do not have to change anything.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in new:
        if url not in old and new[url]:
            name = new[url]["url"]
            yield Change(f"server {quoted(name)} added", None, name, subject=name)


@rule(PairKind.SERVERS, Effect.UNSETTLES)
def server_default_moved(pair: Pair[list[Any]]) -> Findings:
    """Another server is the first in the list, and therefore the default.

    Generated clients use another server unless they set the URL.
    Instead: add new servers at the end of the list.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    (before, *_), (after, *_) = old, new
    if before != after and before in new and after in old:
        names = old[before]["url"], new[after]["url"]
        yield Change(f"the first server was {quoted(names[0])} and is now {quoted(names[1])}", *names)


def _variables(pair: Pair[list[Any]]) -> Iterator[tuple[str, Object, Object]]:
    """The URL of the server, and the old and the new object, of each variable that both documents have."""
    old, new = _servers(pair.old), _servers(pair.new)
    for url in sorted(old.keys() & new.keys()):
        for number, before in old[url].get("variables", {}).items():
            yield new[url]["url"], before, new[url]["variables"][number]


@rule(PairKind.SERVERS, Effect.UNSETTLES)
def server_variable_default_changed(pair: Pair[list[Any]]) -> Findings:
    """A variable in the URL of a server has another default.

    Callers that rely on the default reach another server.
    Instead: keep the default.
    """
    for url, old, new in _variables(pair):
        if old.get("default") != new.get("default"):
            text = changed_from(
                f"the default of a variable of server {quoted(url)}", old.get("default"), new.get("default")
            )
            yield Change(text, old.get("default"), new.get("default"), subject=url)


@rule(PairKind.SERVERS, Effect.BREAKS)
def server_variable_value_removed(pair: Pair[list[Any]]) -> Findings:
    """A variable in the URL of a server no longer has a value.

    Callers that use the value reach no server.
    Instead: keep the value.
    """
    for url, old, new in _variables(pair):
        before, after = old.get("enum"), new.get("enum")
        if isinstance(after, list) and (gone := [one for one in before or ["any value"] if one not in after]):
            yield Change(
                f"a variable of server {quoted(url)} no longer has {quoted_list(gone)}", before, after, subject=url
            )


@rule(PairKind.SERVERS, Effect.ADDS)
def server_variable_value_added(pair: Pair[list[Any]]) -> Findings:
    """A variable in the URL of a server has another value.

    Callers do not have to change anything.
    """
    for url, old, new in _variables(pair):
        before, after = old.get("enum"), new.get("enum")
        if isinstance(before, list) and (more := [one for one in after or ["any value"] if one not in before]):
            yield Change(
                f"a variable of server {quoted(url)} may now have {quoted_list(more)}", before, after, subject=url
            )


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
