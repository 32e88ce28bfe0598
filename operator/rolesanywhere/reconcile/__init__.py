"""Use cases: observe, plan, act, and say how it went as an ``Outcome``.

One module per kind. The world comes in through ``ports``; kopf, boto3, kubernetes and
cryptography are unknown here.
"""
