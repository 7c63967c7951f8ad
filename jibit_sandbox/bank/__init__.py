"""The bank behind the gateways: orders, their states, cards, wallets, transfers and money."""
