"""Metagraphs from the chain, through whichever bittensor is installed.

The SDK runs in a child process of its own: importing and leaving it takes seconds, it prints on stdout, and some
failures of a node make it hang for ever. The parent kills what is not done in time.
"""
