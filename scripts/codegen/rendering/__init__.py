"""Prints the package and the docs from the views, with the generator and our templates."""
