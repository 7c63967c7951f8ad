"""One module for each chapter: ``STEPS``, functions that raise NotYet until the shop is right."""
