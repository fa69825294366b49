"""Puts a booth's parts together: reader, desk, and the factory that the window calls after first paint."""

from __future__ import annotations

from collections.abc import Callable

from checkpoint_app.booth.desk import Desk, Places

Post = Callable[[Callable[[], None]], None]


def desk_factory(places: Places, language: str) -> Callable[[Post], Desk]:
    """Return what makes the desk: it starts the reader in the background and opens the store."""

    def make(post: Post) -> Desk:
        from checkpoint_app.readers.image import ImageReader

        reader = ImageReader()
        reader.start()
        desk = Desk(places, reader, post, language=language)
        post(desk.opening.start)
        return desk

    return make
