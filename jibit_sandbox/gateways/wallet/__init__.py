"""The wallet gateway v2.1, written from its document, and its page."""
