"""Program 5: AWS on one port, for demo and tests.

Roles Anywhere and Private CA of our own, IAM, STS, S3 and EC2 by moto in the same process. It
refuses what AWS refuses. Nothing here is used by the other programs.
"""
