"""``python -m rolesanywhere.controller``: the operator's main program."""

import sys

from rolesanywhere.controller.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
