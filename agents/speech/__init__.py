"""What the agent says: replies from their request to the last sample heard. Exported by `trialogue.agents`."""
