"""Names and first lines of the files that scripts/regenerate writes, and the error of a run that writes nothing."""

PACKAGE = "openai_batch_client"
BANNER = "Written by scripts/regenerate from openapi.yaml. Do not edit."
COPIED = "Copied by scripts/regenerate from scripts/runtime. Do not edit."


class GenerationError(Exception):
    """The package could not be generated; the message says why."""
