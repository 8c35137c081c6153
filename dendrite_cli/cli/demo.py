"""`dendrite demo`: the real commands against local mock axons; no network, no wallet, no chain."""


def demo() -> int:
    """Show the whole tool in a few seconds: local axons that answer, refuse, hang up or are not there.

    Every command is printed before its output, and is what you would type yourself.
    """
    import asyncio

    from dendrite_cli.cli.demonstration import show

    return asyncio.run(show())
