"""What is right: pure functions over the types of ``api``.

No I/O, no clock, no randomness, no SDK, no cryptography: whatever a function needs is an
argument. A reason to act is returned as data, never as a bare boolean.
"""
