"""The Jibit sandbox: a local gateway for tests that speaks Jibit's wires and fails on request."""
