"""General rules about OpenAPI; they know no extension except the conventions of other projects."""
