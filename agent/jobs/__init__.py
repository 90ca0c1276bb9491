"""Durable work: collect, mask, bundle, send, verify; resumable after any kill."""
