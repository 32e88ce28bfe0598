"""How often the API server was written to, by its own count."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from tests.cluster.api_server import ApiServer

WRITTEN: Final[Mapping[str, str]] = {  # what a write is, by verb, resource and part
    "PATCH workloadidentities": "metadata",
    "PATCH workloadidentities/status": "status",
    "POST secrets": "Secret",
    "PUT secrets": "Secret, again",
    "POST events": "event",
}
_REQUESTS: Final = re.compile(r"^apiserver_request_total\{(.*)\} (\S+)$", re.MULTILINE)
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')


def count(server: ApiServer) -> Counter[str]:
    """Count the writes so far, refused ones too, by ``WRITTEN``'s words."""
    found: Counter[str] = Counter()
    for labels, value in _REQUESTS.findall(server.text("/metrics")):
        given = dict(_LABEL.findall(labels))
        part = f"/{given['subresource']}" if given["subresource"] else ""
        name = WRITTEN.get(f"{given['verb']} {given['resource']}{part}")
        if name is not None:
            found[name] += int(float(value))
    return found
