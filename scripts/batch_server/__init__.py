"""A server of the Batch API for demos, tests and benchmarks, behind scripts/serve and scripts/demo."""
