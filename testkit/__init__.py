"""Run the shop in tests, drills and benchmarks: databases, a clock, shoppers, processes."""
