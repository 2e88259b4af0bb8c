"""The hand-written part of the client: what does not depend on the contract."""
