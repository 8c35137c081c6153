"""Whom we ask: axons that the user typed."""
