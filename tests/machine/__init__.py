"""A machine that plays shoppers, bank, gateway, workers, time and crashes in any order."""
