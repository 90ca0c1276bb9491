"""What is personal and what replaces it. It must not know files' origin nor the network."""
