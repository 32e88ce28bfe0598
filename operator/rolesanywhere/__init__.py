"""AWS IAM Roles Anywhere for Kubernetes clusters outside AWS.

Imports point down only:
``cli | controller | webhook | agent | emulator`` -> ``reconcile`` -> ``aws | kube`` -> ``pki`` ->
``domain`` -> ``api``. Each package's docstring says what lives there and what may not.
"""
