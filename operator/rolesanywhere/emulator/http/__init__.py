"""HTTP: sockets and messages, which service a request is for, and how an error looks on the wire.

Nothing here knows what a service does or who may call it.
"""
