"""PPG v2.4, Jibit's proxy payment gateway: card payments through a PSP."""

from .client import PpgClient

__all__ = ["PpgClient"]
