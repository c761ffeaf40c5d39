"""What is remembered, known and shown to a model. Exported by `trialogue.agents`."""
