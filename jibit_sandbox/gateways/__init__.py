"""The two gateways: each package holds one wire, the modules here hold what both have in common."""
