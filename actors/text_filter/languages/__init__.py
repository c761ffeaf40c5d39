"""The words of each language, a module for each."""
