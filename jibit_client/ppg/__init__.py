"""PPG v2.4, Jibit's proxy payment gateway: card payments through a PSP."""

from .gateway import PpgGateway

__all__ = ["PpgGateway"]
