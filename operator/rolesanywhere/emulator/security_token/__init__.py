"""STS where moto will not do: who am I, and the trust policy of a role to be assumed.

Sessions that AssumeRole makes are moto's; those of Roles Anywhere are ``sessions``'.
"""
