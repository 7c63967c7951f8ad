"""Persian and English: the sentences of the pages, and numbers and dates in either writing."""
