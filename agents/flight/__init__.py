"""Flight records, and their replay. Exported by `trialogue.agents`."""
