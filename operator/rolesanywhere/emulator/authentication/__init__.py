"""Who sent a request: Signature Version 4 checked, and the principal behind an access key.

What that principal may do is ``authorization``'s. AWS4-X509, which has no access key, is
``sessions``'.
"""
