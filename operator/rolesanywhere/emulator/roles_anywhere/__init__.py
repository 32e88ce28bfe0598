"""The Roles Anywhere control plane: trust anchors, profiles, CRLs, subjects, their tags.

https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/Welcome.html
What a certificate gets with all this is ``sessions``'.
"""
