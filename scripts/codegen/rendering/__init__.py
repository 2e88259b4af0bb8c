"""Prints views of the contract: the package, with the generator and our templates, and the docs."""
