"""``python -m rolesanywhere.agent``: becomes the small server process."""

import sys

from rolesanywhere.agent.launch import become_server

if __name__ == "__main__":
    become_server(sys.argv[1:])
