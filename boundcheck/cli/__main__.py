"""The command line, as ``python -m boundcheck.cli``."""

from boundcheck.cli import main

if __name__ == "__main__":
    main()
