"""The pages of `make learn`: the course, the learner's shop and the sandbox side by side."""
