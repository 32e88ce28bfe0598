"""IP addresses as text. Pure."""

from ipaddress import ip_address


def is_loopback(text: str) -> bool:
    """Tell whether this is an address of the machine itself; no name is, ``localhost`` neither."""
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
