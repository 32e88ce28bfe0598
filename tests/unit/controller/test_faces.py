"""Faces: what of an object others build on, and whether it became another."""

from rolesanywhere.controller.faces import Faces


def test_a_face_is_news_once() -> None:
    """The first is, the same again is not, another one is."""
    faces = Faces()
    assert faces.last("u") is None
    assert [faces.is_new("u", face) for face in (1, 1, 2, 2, 1)] == [True, False, True, False, True]
    assert faces.last("u") == 1
    assert faces.is_new("v", 1)


def test_a_forgotten_face_is_news_again() -> None:
    """Another object under the same uid does not exist, but memory must not grow."""
    faces = Faces()
    faces.is_new("u", 1)
    faces.forget("u")
    faces.forget("u")
    assert faces.last("u") is None
    assert faces.is_new("u", 1)
