"""What a change of an OpenAPI document means, for its reviewer."""
