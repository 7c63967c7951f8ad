"""The bank behind both gateways: orders, their states, cards, wallets and money."""
