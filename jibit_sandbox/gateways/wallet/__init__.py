"""The wallet gateway v2.1: its wire, written from its document, and its page."""
