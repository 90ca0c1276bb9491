"""The command line ``caseferry``: thin verbs over the core."""
