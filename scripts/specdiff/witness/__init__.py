"""The search for witnesses: values that prove the findings of a comparison."""
