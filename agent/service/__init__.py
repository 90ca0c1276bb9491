"""Running the agent: the command ``caseferry-agent``."""
