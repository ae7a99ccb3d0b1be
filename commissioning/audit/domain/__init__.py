"""Events, streams and the chain that binds them."""
