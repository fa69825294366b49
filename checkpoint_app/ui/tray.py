"""The demonstration's tray: a second window with sample documents; a click, or Enter, lays one on the desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QHBoxLayout, QScrollArea, QToolButton, QWidget

_THUMBNAIL = QSize(176, 124)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample document: its picture (our own drawing, so decoded here), and its story in one line.

    Where the sample is no picture, as a message is none, ``shown`` is one that stands for it.
    """

    name: str
    story: str
    image: bytes
    shown: bytes = b""


class Tray(QScrollArea):
    """A strip of samples. ``lay`` takes the sample's picture and name."""

    def __init__(self, samples: Sequence[Sample], title: str, lay: Callable[[bytes, str], None]) -> None:
        super().__init__()
        self.setWindowTitle(title)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        strip = QWidget()
        row = QHBoxLayout(strip)
        for sample in samples:
            row.addWidget(self._button(sample, lay))
        self.setWidget(strip)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)  # the keyboard belongs to the booth
        screen = self.screen().availableGeometry()
        width = min(strip.sizeHint().width() + 8, screen.width())
        height = strip.sizeHint().height() + 24
        self.setGeometry(screen.left(), screen.bottom() - height, width, height)

    def _button(self, sample: Sample, lay: Callable[[bytes, str], None]) -> QToolButton:
        picture = QPixmap()
        picture.loadFromData(sample.shown or sample.image)
        button = QToolButton(self)
        button.setIcon(QIcon(picture.scaled(_THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio)))
        button.setIconSize(_THUMBNAIL)
        button.setText(sample.name)
        button.setToolTip(sample.story)
        button.setAccessibleDescription(sample.story)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.clicked.connect(partial(self._lay, lay, sample))
        return button

    def _lay(self, lay: Callable[[bytes, str], None], sample: Sample) -> None:
        """Lay the sample down (its bytes, not what stands for them) and give the keyboard back to the booth."""
        lay(sample.image, sample.name)
        for window in QApplication.topLevelWidgets():
            if window is not self and window.isVisible():
                window.activateWindow()
