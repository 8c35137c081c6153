"""A local axon for the demo, the tests and subnet developers: it verifies for real and misbehaves on request."""
