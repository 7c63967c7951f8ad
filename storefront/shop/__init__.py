"""The nouns of the shop: what is sold, to whom, and how it is paid. No web, no HTTP, no commit."""
