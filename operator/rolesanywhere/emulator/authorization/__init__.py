"""May this principal do this? Requests become actions on resources, policies are judged.

The judging itself is ``domain.policy_evaluation``'s; here is what is asked and by which policies.
"""
