"""The text path: what the model wrote, as sentences that a voice can say."""
