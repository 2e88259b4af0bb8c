"""The name of the package, the first lines of its files, and the error of a run that fails."""

PACKAGE = "openai_batch_client"
BANNER = "Written by scripts/regenerate from openapi.yaml. Do not edit."
COPIED = "Copied by scripts/regenerate from scripts/runtime. Do not edit."


class GenerationError(Exception):
    """The package could not be generated. The message states the reason."""
