"""Program 5: AWS on one port, for demo and tests.

It refuses what AWS refuses. Nothing here is used by the other programs.

``http`` reads requests and writes answers; ``dispatch`` finds the service; ``authentication`` asks
who, ``authorization`` whether they may. Services: ``roles_anywhere``, ``sessions`` (CreateSession),
``private_ca``, ``security_token`` (STS), and ``moto_side`` for IAM, S3 and EC2. ``control`` is what
a test may do; ``account`` is all there is to remember, ``running`` starts it in a process.
"""
