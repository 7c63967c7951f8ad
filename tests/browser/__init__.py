"""The shop as people meet it: a real Chromium, a real server, a real worker."""
