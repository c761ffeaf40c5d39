"""What pyproject.toml cannot say: the top-level folders install as `trialogue.<folder>`, sub-packages included."""

from setuptools import find_packages, setup

LAYERS = ["frames", "engine", "actors", "providers", "transports", "agents", "cli"]
FOUND = find_packages(include=[pattern for layer in LAYERS for pattern in (layer, f"{layer}.*")])

setup(package_dir={"trialogue": "."}, packages=[f"trialogue.{name}" for name in FOUND])
