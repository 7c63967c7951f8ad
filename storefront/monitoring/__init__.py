"""Report how the shop is doing: status page and metrics."""
