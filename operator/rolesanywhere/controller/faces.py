"""What of each object others build on, as last shown: only a change of that concerns them."""


class Faces:
    """Faces by uid. Used on the event loop only."""

    def __init__(self) -> None:
        self._shown: dict[str, object] = {}

    def last(self, uid: str) -> object:
        """Give the face last shown, or None."""
        return self._shown.get(uid)

    def is_new(self, uid: str, face: object) -> bool:
        """Tell whether an object shows another face than before, or its first, and remember it."""
        is_new = self._shown.get(uid) != face
        self._shown[uid] = face
        return is_new

    def forget(self, uid: str) -> None:
        """Drop an object that is gone."""
        self._shown.pop(uid, None)
