"""AWS Private CA (acm-pca, API 2017-08-22) in the emulator.

State, rules and AWS's refusals; HTTP is not known here, and keys and certificates are ``pki``'s.
``service`` is the way in.
"""
