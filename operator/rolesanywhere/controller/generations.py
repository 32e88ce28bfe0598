"""What kopf compares to see that an object changed: its generation, remembered in memory.

kopf's own storages write the last handled spec into an annotation: one more write, and one more
event, for every change of every object. The API server counts changes of a spec already.
https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#metadata
"""

from collections.abc import Iterable

import kopf


class Generations(kopf.DiffBaseStorage):
    """Generations last handled, by uid. After a restart every object is new: it is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._handled: dict[str, kopf.BodyEssence] = {}

    def build(
        self,
        *,
        body: kopf.Body,
        extra_fields: Iterable[object] | None = None,  # noqa: ARG002 - no handler asks for any
    ) -> kopf.BodyEssence:
        """Give what counts as the object: a handler reads all of it anyway."""
        return kopf.BodyEssence(spec={"generation": body.metadata.get("generation", 1)})

    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:
        """Give what was handled last, or None."""
        return self._handled.get(body.metadata["uid"])

    def store(
        self,
        *,
        body: kopf.Body,
        patch: kopf.Patch,  # noqa: ARG002 - nothing is written into the object
        essence: kopf.BodyEssence,
    ) -> None:
        """Remember what is handled; forget an object that is taken down."""
        if "deletionTimestamp" in body.metadata:
            self._handled.pop(body.metadata["uid"], None)
        else:
            self._handled[body.metadata["uid"]] = essence
