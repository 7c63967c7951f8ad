"""Bind the payment engine to the shop: its store, its hooks and its gateways."""
