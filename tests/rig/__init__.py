"""What tests stand on: databases, a clock, a shopper, processes and a browser."""
