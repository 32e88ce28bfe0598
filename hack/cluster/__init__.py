"""A real Kubernetes control plane on this machine, without containers: for demo, tests and bench.

etcd, kube-apiserver and kube-controller-manager, built from the sources pinned in ``go/go.mod``.
No nodes: pods are admitted and stored, and never run. Nothing of the operator itself lives here.
"""
