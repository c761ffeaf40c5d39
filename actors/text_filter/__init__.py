"""The text filter: what a model wrote becomes what a voice can say, and the way back stays known."""
