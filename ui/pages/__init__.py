"""The pages: cases, case, transfers."""
