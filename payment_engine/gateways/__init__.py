"""Bindings from gateways' clients to the port. Import the one you use."""
