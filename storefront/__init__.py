"""The reference shop for merchants who take payments through Jibit."""
