"""A visitor's own picture: opened safely, kept small for the session, never part of a link."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st
from PIL.Image import Image

from sqid_core.bundle.picture_files import PictureError, TooLargeError, opened_picture
from sqid_ui.caches.keys import Keyed
from sqid_ui.parts.uploaded import uploader
from sqid_ui.work.limits import PICTURES, refusal

MOST_MEGABYTES = 40
# More than any model sees; a phone's picture of 12 megapixels need not be kept.
_SIDE = 512
_KEPT, _PROBLEM = "uploaded picture", "upload problem"


@dataclass(frozen=True, eq=False)
class Upload:
    """An opened picture. digest: the sha256 of its bytes."""

    digest: str
    image: Image = field(repr=False)


def kept() -> Upload | None:
    """The picture of this session."""
    found: Upload | None = st.session_state.get(_KEPT)
    return found


def keyed() -> Keyed[Image] | None:
    """The same as caches know it: by its hash."""
    upload = kept()
    return None if upload is None else Keyed(upload.digest, upload.image)


def picker(changed: Callable[[str], None]) -> None:
    """The uploader. changed: called before the rerun with the digest of a picture that opened."""
    uploader(
        "Search by a picture of yours",
        "upload",
        lambda _, body: _taken(body, changed),
        max_upload_size=MOST_MEGABYTES,
        help=f"JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF, up to {MOST_MEGABYTES} MB. It is kept for this visit only.",
    )
    if problem := st.session_state.get(_PROBLEM):
        st.error(problem, icon=":material/broken_image:")


def forget() -> None:
    """Drops the picture, and what was said about one."""
    st.session_state[_KEPT] = st.session_state[_PROBLEM] = None


def _taken(body: bytes, changed: Callable[[str], None]) -> None:
    st.session_state[_PROBLEM] = None
    if refused := refusal(PICTURES):
        st.session_state[_PROBLEM] = refused
        return
    try:
        opened = _opened(body)
    except PictureError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    # Kept first: a run may be cut short between the two, and a link to no picture is worse than a picture without one.
    st.session_state[_KEPT] = opened
    changed(opened.digest)


def _opened(body: bytes) -> Upload:
    """Raises PictureError with a sentence for the visitor."""
    if len(body) > MOST_MEGABYTES * 2**20:
        raise PictureError(f"This file has {len(body) / 2**20:.0f} MB; at most {MOST_MEGABYTES} MB are read.")
    if not body:
        raise PictureError("This file is empty. Pick another one.")
    try:
        return Upload(hashlib.sha256(body).hexdigest(), opened_picture(body, _SIDE))
    except TooLargeError as error:
        raise PictureError(f"This picture is too large to be opened: {error}. Make it smaller.") from None
    except PictureError:
        raise PictureError(
            "This file is not a picture that can be read: JPEG, PNG, WebP, GIF, BMP, TIFF and AVIF can."
        ) from None
