"""Ask Bittensor's axons: signed synapses out, one outcome per axon back."""

__version__ = "0.1.0"
