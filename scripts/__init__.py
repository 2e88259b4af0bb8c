"""The programs behind the commands in this folder: one package per command, and one for OpenAPI documents."""
