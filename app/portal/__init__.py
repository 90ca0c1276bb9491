"""The portal's contract and its client, the offline copy and the outbox. It must not know widgets."""
