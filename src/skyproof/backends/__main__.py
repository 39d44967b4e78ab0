"""``python -m skyproof.backends ROLE``: the process that SDKs ask for credentials of a role."""

import sys

from skyproof.backends.credentials import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
