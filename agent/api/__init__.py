"""The agent's HTTPS API on the loopback."""
