"""Keys, requests, certificates and the AWS4-X509 signature: the only importer of ``cryptography``.

Certificates are signed here and nowhere else. No network, no files, no Kubernetes, no AWS SDK.
A private key leaves this package only as PEM: for the Secret that will hold it, or, of an emulated
CA, for the emulator's own state.
"""
