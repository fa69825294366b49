"""`python -m checkpoint_app` is `checkpoint`."""

import sys

from checkpoint_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
