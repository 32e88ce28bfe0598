"""Looks of our own at what the operator claims: AWS by plain boto3, certificates by cryptography.

A check tells what it found, or raises ``ExpectationError``. It changes nothing.
"""
