"""Keep the products, their stock, the search over them and the catalogue files."""
