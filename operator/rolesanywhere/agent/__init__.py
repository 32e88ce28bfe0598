"""Program 3, beside each pod: certificate in, temporary AWS credentials out.

A long-lived server that never sees the private key, and a short-lived child process per refresh
that does. Neither boto3, kubernetes nor kopf; no cryptography and no ssl in the server.
"""
