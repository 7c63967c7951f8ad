"""Take payments: gateways, states, recovery and reconciliation."""
