"""Bind gateways' clients to the port. Import the module of the one you use."""
