"""Run the shop, its worker and the sandbox in one terminal: `python -m storefront`."""
