"""Read these first: what the shop promises, told as stories of shopper, gateway and worker."""
