"""JSON pointers (RFC 6901), which identify the nodes of a document."""


def below(pointer: str, *keys: object) -> str:
    """Return the pointer of a node below a pointer."""
    return pointer + "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def keys(pointer: str) -> list[str]:
    """Split a pointer into its unescaped keys and indices."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def last(pointer: str) -> str:
    """Return the last key of a pointer, such as the name of a component; empty for the document itself."""
    return keys(pointer)[-1] if pointer else ""
