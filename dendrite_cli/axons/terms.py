"""What neurons are chosen by, in the words of options and records."""

from enum import StrEnum

PROTOCOLS = ("synapse", "btauth", "epistula")
"""What axons speak."""


class Role(StrEnum):
    """What a neuron does on its subnet, by its validator permit."""

    MINER = "miner"
    VALIDATOR = "validator"
    ALL = "all"


class By(StrEnum):
    """What neurons are ranked by: a field of their standing."""

    INCENTIVE = "incentive"
    STAKE = "stake"
    EMISSION = "emission"


class Unique(StrEnum):
    """What no two neurons of a selection share."""

    IP = "ip"
    COLDKEY = "coldkey"
    ENDPOINT = "endpoint"
