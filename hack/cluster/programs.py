"""Command lines of the control plane's programs, for one folder and one set of ports."""

from dataclasses import dataclass
from pathlib import Path

from hack.cluster.certificates import CONTROLLER_MANAGER, SERVICE_NETWORK
from hack.cluster.folder import Command, Folder

ETCD = "etcd"
API_SERVER = "kube-apiserver"
CONTROLLERS = "kube-controller-manager"


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on 127.0.0.1."""

    api: int
    etcd: int
    etcd_peer: int


def stages(binaries: Path, folder: Folder, ports: Ports) -> list[list[Command]]:
    """Give what to start at once, and what to start when the API server is ready.

    The controller manager gives up when the API server is not there within 10 seconds.
    """
    return [
        [_etcd(binaries, folder, ports), _api_server(binaries, folder, ports)],
        [_controller_manager(binaries, folder)],
    ]


def _etcd(binaries: Path, folder: Folder, ports: Ports) -> Command:
    client = f"http://127.0.0.1:{ports.etcd}"
    peer = f"http://127.0.0.1:{ports.etcd_peer}"
    return _command(
        binaries,
        ETCD,
        f"--name={ETCD}",
        f"--data-dir={folder.path / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster={ETCD}={peer}",
        "--unsafe-no-fsync",  # the data is not meant to survive the machine
    )


def _api_server(binaries: Path, folder: Folder, ports: Ports) -> Command:
    pki = folder.pki
    return _command(
        binaries,
        API_SERVER,
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.api}",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",  # no endpoints on loopback addresses
        f"--etcd-servers=http://127.0.0.1:{ports.etcd}",
        f"--cert-dir={pki}",
        f"--tls-cert-file={pki / 'apiserver.pem'}",
        f"--tls-private-key-file={pki / 'apiserver.pem'}",
        f"--client-ca-file={pki / 'ca.pem'}",
        "--anonymous-auth=false",
        "--authorization-mode=Node,RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki / 'service-accounts.pub'}",
        f"--service-account-signing-key-file={pki / 'service-accounts.key'}",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
    )


def _controller_manager(binaries: Path, folder: Folder) -> Command:
    return _command(
        binaries,
        CONTROLLERS,
        f"--kubeconfig={folder.kubeconfig(CONTROLLER_MANAGER)}",
        "--use-service-account-credentials",  # RBAC's default roles are one for each controller
        "--leader-elect=false",
        "--secure-port=0",
        f"--root-ca-file={folder.pki / 'ca.pem'}",
        f"--service-account-private-key-file={folder.pki / 'service-accounts.key'}",
    )


def _command(binaries: Path, name: str, *arguments: str) -> Command:
    return Command(name, (str(binaries / name), *arguments))
