"""Calls to the Kubernetes API: the only importer of ``kubernetes``.

Secrets, events and namespaces, with their errors translated once. No decisions, no kopf.
"""
