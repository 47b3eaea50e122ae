"""``python -m raqam`` is the command ``raqam``."""

from __future__ import annotations

from raqam.cli import main

if __name__ == "__main__":
    main()
