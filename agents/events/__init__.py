"""What happens, as facts; and what is reckoned from them. Exported by `trialogue.agents`."""
