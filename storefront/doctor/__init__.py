"""Check an installation before shoppers meet its faults: `flask --app storefront doctor`."""
