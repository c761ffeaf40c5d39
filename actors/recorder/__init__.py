"""Recording a call: the user left, the agent right, aligned to the sample."""
