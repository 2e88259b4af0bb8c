"""The exception of the models. Importing it must not import the parser of JSON, which takes long."""

__all__ = ["ShapeError"]


class ShapeError(ValueError):
    """A JSON document does not have the shape of its model. Only `from_dict` of the models raises it.

    Attributes:
        field: The model and field at fault, as in `Batch.id`.
    """

    # Tracebacks show the public module.
    __module__ = __name__.replace("._runtime.shape_error", ".errors")

    def __init__(self, field: str, fault: str) -> None:
        # Both arguments, because pickle calls the constructor with them.
        super().__init__(field, fault)
        self.field: str = field

    def __str__(self) -> str:
        return " ".join(self.args)
