"""PPG v3, Jibit's proxy payment gateway: card payments, reversals, refunds and reports."""

from .client import PpgV3Client

__all__ = ["PpgV3Client"]
