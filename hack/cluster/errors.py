"""What goes wrong with the local control plane, said to a person."""


class ClusterError(Exception):
    """Something about the local control plane failed; the message says what to do."""


class PortTakenError(ClusterError):
    """Another process took a port between choosing and using it: another try helps."""


class NotLocalError(ClusterError):
    """A kubeconfig points at some other cluster than the local control plane."""
