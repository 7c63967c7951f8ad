"""Hold what every part of the shop stands on: settings, database, clock, formats."""
