"""Calls to the Kubernetes API: the only importer of ``kubernetes``.

Secrets, events, namespaces and the lease, with their errors translated once. No decisions, no kopf.
"""
