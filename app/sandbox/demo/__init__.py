"""The demo's data: read from ``resources/demo``, put into an empty store, with times relative to now."""

from app.sandbox.demo.generated import load_generated_cases
from app.sandbox.demo.loading import PEOPLE_FILE, load_demo

__all__ = ["PEOPLE_FILE", "load_demo", "load_generated_cases"]
