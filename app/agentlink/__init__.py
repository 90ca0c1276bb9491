"""The agent API's contract and its client: finding, calling, following events."""
