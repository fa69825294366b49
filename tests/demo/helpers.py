"""What the demo's tests share: days on which stories have to hold, and pictures as arrays."""

from datetime import date

import cv2
import numpy as np

TODAY = date(2026, 11, 24)
# A leap day, a year's end and start, the specimen's own day of expiry and after it, and a day far on.
DAYS = (
    TODAY,
    date(2028, 2, 29),
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2027, 4, 15),
    date(2027, 5, 2),
    date(2041, 9, 17),
)


def decoded(jpeg):
    """Return a JPEG as an array (height × width × 3)."""
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
