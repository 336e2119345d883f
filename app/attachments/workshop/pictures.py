"""A picture decoded and encoded anew, so that nothing is left of it but its points: no place, no camera, no hidden copy (H7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageSequence

from app.attachments.workshop import CLEAN, ORIGINAL, THUMB

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # the only decoders that may be used
MOST_PIXELS, MOST_FRAMES = 50_000_000, 300
THUMB_SIZE = (480, 320)
_SAVED: dict[str, dict[str, Any]] = {
    "PNG": {}, "JPEG": {"quality": 90, "optimize": True}, "WEBP": {"quality": 90, "method": 4}, "GIF": {},
}  # fmt: skip


class NotTaken(Exception):
    """The sentence is for whoever sent it."""


def clean(folder: Path) -> dict[str, Any]:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(folder / ORIGINAL, formats=FORMATS) as picture:
        kind = "JPEG" if picture.format == "MPO" else picture.format or ""  # a phone's JPEG with more pictures behind it
        frames = getattr(picture, "n_frames", 1) if kind in ("GIF", "WEBP") else 1
        if not 0 < picture.width * picture.height * frames <= MOST_PIXELS or frames > MOST_FRAMES:
            raise NotTaken("It has too many points.")
        if frames > 1:
            first = _save_moving(picture, kind, folder / CLEAN)
        else:
            first = _bare(ImageOps.exif_transpose(picture))
            if kind == "JPEG" and first.mode not in ("RGB", "L"):
                first = first.convert("RGB")
            first.save(folder / CLEAN, kind, **_SAVED[kind])
    size = first.size
    first.thumbnail(THUMB_SIZE)
    first.convert("RGBA" if first.mode in ("RGBA", "LA", "PA") else "RGB").save(folder / THUMB, "WEBP", quality=80)
    return {"width": size[0], "height": size[1]}


def _bare(frame: Image.Image) -> Image.Image:
    """The points and nothing that came with them. Transparency is a note beside them in some kinds: it is made a part of them."""
    bare = frame.convert("RGBA") if "transparency" in frame.info else frame.copy()
    bare.info = {}
    return bare


def _save_moving(picture: Image.Image, kind: str, to: Path) -> Image.Image:
    frames, times = [], []
    for frame in ImageSequence.Iterator(picture):
        times.append(min(max(int(frame.info.get("duration", 100)), 20), 10_000))
        frames.append(_bare(frame.convert("RGBA")))
    frames[0].save(to, kind, save_all=True, append_images=frames[1:], duration=times, loop=0, disposal=2, **_SAVED[kind])
    return frames[0]
