"""The bank behind the gateway: orders, their states and money, whatever wire they came by."""
