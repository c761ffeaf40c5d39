"""Calls to try: an agent, a caller's recorded lines, and when they are spoken."""
