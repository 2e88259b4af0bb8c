"""The records that templates print: the generator's names joined with the contract's texts."""
