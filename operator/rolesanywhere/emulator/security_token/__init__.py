"""STS: who am I, and sessions of roles for who may assume them.

The credentials are of the same kind as ``sessions``' and carry themselves.
"""
