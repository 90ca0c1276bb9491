"""The vault and the operating system's key stores."""
