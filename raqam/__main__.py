"""``python -m raqam`` is the command ``raqam``."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from raqam.cli import main
    except KeyboardInterrupt:  # while its modules are loaded
        sys.exit(130)
    main()
