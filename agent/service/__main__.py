"""``python -m agent.service``."""

from agent.service import main

if __name__ == "__main__":
    main()
