"""What bittensor 10's `Dendrite` was, over our engine and without an SDK; programs import it from `dendrite_cli`."""
