"""A public library that reserves books and renews loans."""
