"""Take payments without losing, doubling or inventing one, whatever dies in between."""

__version__ = "0.1.0"
