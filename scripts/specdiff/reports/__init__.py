"""The forms that a report can take."""
