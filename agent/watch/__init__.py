"""That a file changed: events are hints, the scan is the truth."""
