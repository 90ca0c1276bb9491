"""The masked, compressed, hashed package and its manifest. It must not know who sends it."""
