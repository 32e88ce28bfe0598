"""Calls to AWS: the only importer of boto3, one module per service.

Also the CreateSession client, which no SDK has, on the standard library alone. Each error is
translated once, in ``errors``; each call passes the throttle. No decisions.
"""
