"""Item models that keep ids and fetch rows by window."""
