"""The payment engine to the letter: the gateway says what a test wants, with no wire between."""
