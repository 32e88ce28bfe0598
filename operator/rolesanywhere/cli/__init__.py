"""Program 4, ``rolesanywhere …``: what people type at a shell.

Starts the other programs by name. Nothing here decides what is right; that is ``domain``'s.
"""
