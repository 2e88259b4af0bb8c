"""The records that templates print, with names from the generator and texts from the contract."""
