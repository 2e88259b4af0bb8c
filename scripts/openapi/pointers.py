"""JSON pointers (RFC 6901): how references and findings name a place in a document."""


def below(pointer: str, *keys: object) -> str:
    """The pointer of what stands below another one."""
    return pointer + "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def keys(pointer: str) -> list[str]:
    """The keys and indices that lead to what a pointer names."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def last(pointer: str) -> str:
    """The key of what a pointer names: of a component, its name. The document itself has none."""
    return keys(pointer)[-1] if pointer else ""
