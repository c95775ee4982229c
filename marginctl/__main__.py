"""``python -m marginctl``."""

from marginctl.cli import main

if __name__ == "__main__":
    main()
