"""The two gateways: one package for each wire, and modules for what both share."""
