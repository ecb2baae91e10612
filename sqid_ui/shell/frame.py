"""The frame around every page: which bundle is shown, and what to show where there is none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from sqid_core.bundle.labels import LabelScale
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import Manifest, SignalSpec
from sqid_core.bundle.signal_kinds import kind_of
from sqid_core.errors import BundleError, SqidError
from sqid_ui.caches import bundles
from sqid_ui.login.configured import login_settings
from sqid_ui.login.who import person_here
from sqid_ui.parts import taking
from sqid_ui.parts.markup import plain
from sqid_ui.settings import session
from sqid_ui.settings.setting import choice
from sqid_ui.shell.bundles import (
    BundleFolder,
    bundle_folders,
    data_root,
    folders_for,
    for_visitors,
    is_there,
    wanted_bundle,
    wanted_folder,
    without_paths,
)
from sqid_ui.shell.label_choice import chosen_labels

MARK = str(Path(__file__).parent / "mark.svg")
_STYLE = Path(__file__).parent / "page.css"
_STORED = "Stored as (NDCG)"
_DEMO = "draws its own demo: about 2,000 products with pictures, judged queries and the vectors of a small CLIP model"
# A plain session key: it outlives the widgets of a page that is left.
_SHOWN = "shown bundle"


def open_bundle(page: str, published: bool = False) -> Dataset:
    """The frame of a page: its style, the picker, and the bundle that this or the link names, with the labels that were
    chosen. published: with the bundle's own labels instead.

    Every page begins with it, so that a page also stands on its own. Ends the run where there is nothing to show.
    """
    begin()
    session.notice(page)
    folders, wanted = folders_for(person_here(), data_root()), wanted_bundle()
    if not is_there(wanted, data_root()) and bundle_folders(data_root()):
        # Visitors have what there is meanwhile.
        bundles.bundle_build(str(wanted_folder(wanted, data_root())), wanted).start()
    if not folders and bundle_folders(data_root()):
        _not_for_you()
        st.stop()
    if not folders:
        _nothing_there() if bundles.had_bundles(str(data_root())) and not wanted else _first_start(wanted)
        st.stop()
    bundles.note_bundles(str(data_root()))
    bundle = _pick(folders)
    try:
        if bundle.manifest is None:
            raise BundleError(bundle.error)
        dataset = bundles.dataset(str(bundle.folder), bundle.manifest)
    except SqidError as error:
        _cannot_open(bundle, for_visitors(error))
        session.settle()
        session.publish()
        st.stop()
    if not published:
        dataset = chosen_labels(dataset)
    st.session_state[_SHOWN] = dataset
    taking.about(dataset)
    return dataset


def begin() -> None:
    """What every page begins with: the style, and no bundle yet."""
    st.html(_STYLE)
    st.session_state[_SHOWN] = None


def current_dataset() -> Dataset | None:
    """The bundle that the page shows; None where it shows none."""
    shown: Dataset | None = st.session_state[_SHOWN]
    return shown


def signal_table(manifest: Manifest) -> pd.DataFrame:
    """One row a signal: what it reads, which encoder made it, as what it is stored, how it can be searched."""
    stored = any(spec.storage for spec in manifest.signals.values())
    return pd.DataFrame(
        [
            {
                "Signal": name,
                "Reads": spec.modality,
                "Encoder": _encoder_name(manifest, spec.encoder) or kind_of(name, spec).without_encoder,
                "Dimensions": manifest.encoders[spec.encoder].dim if spec.encoder in manifest.encoders else None,
                _STORED: _stored_as(manifest.signals.get(spec.of, spec)),
                "Index": _searches(name, spec),
            }
            for name, spec in manifest.signals.items()
        ],
        columns=["Signal", "Reads", "Encoder", "Dimensions", *([_STORED] if stored else []), "Index"],
    )


def _stored_as(spec: SignalSpec) -> str | None:
    """As what the vectors are stored, and what NDCG that was measured to cost; None for a signal without encoder."""
    if not spec.encoder:
        return None
    if spec.storage is None:
        return "float32"
    loss = spec.storage["measured"].get("ndcg loss")
    return "float16" if loss is None else f"float16 ({-loss + 0.0:+.6f})"


def _searches(name: str, spec: SignalSpec) -> str:
    if not kind_of(name, spec).searches:
        return "judged products only"
    return "exact" if spec.index is None else "exact and HNSW"


def label_table(scale: LabelScale) -> pd.DataFrame:
    """One row a label: its letter, name, gain under each table, and whether it counts as relevant."""
    table = pd.DataFrame({"Letter": scale.letters, "Label": scale.names})
    for name in scale.gain_names:
        table[f"Gain, {name}"] = scale.gains(name)
    table["Relevant"] = [position <= scale.relevant_from for position in range(len(scale.names))]
    return table


def _encoder_name(manifest: Manifest, name: str) -> str:
    spec = manifest.encoders.get(name)
    return (
        name if spec is None else " ".join(part for part in (spec.family, spec.model or name, spec.pretrained) if part)
    )


def _pick(folders: list[BundleFolder]) -> BundleFolder:
    """The bundle that the picker shows."""
    by_name = {bundle.name: bundle for bundle in folders}
    default = max(folders, key=_use).name  # of equal ones the first by name
    picked = session.settle_ahead(choice("bundle", list(by_name), default))
    if session.link_asks() and st.query_params.get("bundle", picked) != picked:
        st.warning(f"The link names a bundle that is not here; this is {plain(by_name[default].title)}.")
    if len(folders) > 1:
        with st.container(key="bundle-picker"):
            names, look = _picker_names(folders), "collapsed"
            session.draw(
                st.selectbox, "bundle", "Bundle", list(by_name), format_func=names.__getitem__, label_visibility=look
            )
    return by_name[picked]


def _use(bundle: BundleFolder) -> int:
    """What can be done with a bundle that nobody named: 3 to search and fuse it, 2 to search it, 1 to look at it."""
    if bundle.manifest is None:
        return 0
    dense = {spec.modality for spec in bundle.manifest.signals.values() if spec.encoder}
    return 1 + len(dense)


def _picker_names(folders: list[BundleFolder]) -> dict[str, str]:
    """What the picker calls each bundle: its title, with the folder's name where titles are equal."""
    titles = [bundle.title for bundle in folders]
    alone = [bundle for bundle in folders if titles.count(bundle.title) == 1 or bundle.title == bundle.name]
    return {b.name: b.title if b in alone else f"{b.title} · {b.name}" for b in folders}


def _cannot_open(bundle: BundleFolder, sentence: str) -> None:
    told = plain(sentence.rstrip(".") + ".")
    st.error(f"**The bundle {plain(bundle.name)} can’t be opened.** {told}", icon=":material/broken_image:")
    st.caption("Any other bundle in the data folder stays usable: pick it at the top of the page.")


def _nothing_there() -> None:
    """A data folder that has gone, as when a disk is taken away, is not filled with a demo."""
    st.error("**The data folder holds no bundle any more.** It was here before: is its disk still attached?")
    st.caption("The app looks again whenever the page is loaded.")


def _not_for_you() -> None:
    st.info(
        "**There is nothing here for you to see.** The bundles of this server are for some people only, or cannot be "
        "opened.",
        icon=":material/lock:",
    )
    signs_in = login_settings() is not None and person_here() is None
    st.caption(f"{'Sign in at the top of the page, or ask' if signs_in else 'Ask'} whoever runs the server.")


def _first_start(wanted: str) -> None:
    out = str(wanted_folder(wanted, data_root()))
    bundles.bundle_build(out, wanted).start()
    with st.container(key="first-start", width=640):
        st.title("Welcome to SQID Explorer")
        what = f"fetches {plain(wanted)} from Hugging Face, and checks every file of it" if wanted else _DEMO
        st.markdown(f"There is no data here yet, so the app {what}. This happens once.")
        _watch(out, wanted)


def _drawn(path: Path) -> None:
    """A picture of a build that may end, and move all of them, at any moment."""
    try:
        st.image(path.read_bytes(), width=88)
    except OSError:
        return


@st.fragment(run_every=0.5)
def _watch(out: str, wanted: str) -> None:
    build = bundles.bundle_build(out, wanted)
    if build.done:
        st.rerun()
    if not build.failed:
        left = build.seconds_left
        st.progress(build.fraction, text=f"{build.step} …" + ("" if left is None else f" about {left:.0f} s left"))
        with st.container(horizontal=True, gap="small"):
            for path in build.pictures():
                _drawn(path)
        return
    what = f"{plain(wanted)} could not be fetched" if wanted else "The demo could not be built"
    st.error(f"**{what}.** The last lines of the command say why.", icon=":material/error:")
    told = without_paths("\n".join(build.lines), data_root())
    st.code(told or "(no output)", language=None, wrap_lines=True)
    if st.button("Try again", type="primary"):
        build.retry()
        st.rerun()
