"""The three gateways: one package for each wire, and modules for what they share."""
