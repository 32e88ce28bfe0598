"""CreateSession: a certificate in, temporary credentials out, refused in AWS's order and words.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
"""
