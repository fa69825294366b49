"""Puts a booth's parts together, in the factory that the window calls after first paint."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from checkpoint_app.booth.desk.places import Places

if TYPE_CHECKING:
    from checkpoint_app.booth.desk.desk import Desk
    from checkpoint_app.readers.sane import Wanted

Post = Callable[[Callable[[], None]], None]


def desk_factory(
    places: Places, language: str, scanner: str = "none", wanted: Wanted | None = None
) -> Callable[[Post], Desk]:
    """Return what makes the desk: it starts the reader in the background, watches the tray, and opens the store.

    ``scanner`` is "none", "auto" (the first one there is), or how the SANE name of one begins; ``wanted`` how to scan.

    Desk and reader are imported when it is called, which is after first paint.
    """

    def make(post: Post) -> Desk:
        from checkpoint_app.booth.desk.desk import Desk
        from checkpoint_app.readers.folder import FolderReader
        from checkpoint_app.readers.frames import FolderFrames, FramesReader
        from checkpoint_app.readers.image import ImageReader

        reader = ImageReader()
        reader.start()
        desk = Desk(places, reader, post, language=language)
        if places.tray is not None:
            # A picture is removed once it is read: nothing personal stays on disk in clear (invariant 8).
            desk.watch(FolderReader(places.tray, remove=True))
        if places.frames is not None:
            desk.watch(FramesReader(FolderFrames(places.frames, remove=True)))
        if scanner != "none":
            from checkpoint_app.readers.scanner import Scanner

            device = Scanner("" if scanner == "auto" else scanner, wanted)
            device.start()
            desk.scan_with(device)
        post(desk.opening.start)
        return desk

    return make
