"""A session: what it consists of, who has the conversation, and how it is led. Exported by `trialogue.agents`."""
