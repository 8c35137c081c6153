"""How a request is sent: slots, time-outs, lanes and one outcome per axon. asyncio and aiohttp live here only."""
