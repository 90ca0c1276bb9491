"""The background agent: watches, masks, sends and verifies logs, without a user and without Qt."""
