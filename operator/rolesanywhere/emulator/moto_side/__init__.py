"""The part of AWS that moto plays: IAM, S3, EC2 and others, in this process and beside its files.

The only importer of moto. Its own enforcement stays off: it lets expired sessions in, answers 500
to whoever is anonymous and knows one condition operator; ``authentication`` and ``authorization``
stand in front of it instead.
"""
