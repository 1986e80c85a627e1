"""``python -m telex``."""

from telex.cli import main

main()
