"""Speed, beside the least that any Django program could take for the same request."""
