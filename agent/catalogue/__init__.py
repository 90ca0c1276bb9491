"""Which segments exist, of which application, covering which time."""
