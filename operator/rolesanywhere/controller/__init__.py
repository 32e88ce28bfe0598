"""Program 1, the operator: the only importer of kopf.

Settings, wiring and handlers. A handler is a doormat: it calls one use case of ``reconcile`` and
delivers its outcome. No decisions and no calls to AWS.
"""
