"""What the data, the labels, the gains and the metric are, and what this bundle holds."""

import pandas as pd
import streamlit as st

from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.texts import ABOUT_APP, ABOUT_DATA, ABOUT_METRIC, ABOUT_PAGES, PUBLISHED, SOURCES, WORDS
from sqid_ui.settings import session
from sqid_ui.shell import frame

dataset = frame.open_bundle("about")
manifest = dataset.manifest

show.style()
st.title("About")
st.markdown(ABOUT_APP)

left, right = st.columns(2, gap="large")
with left:
    st.subheader("This bundle")
    st.markdown(f"**{plain(manifest.about.get('title') or manifest.name)}**")
    if manifest.visible_to:
        st.caption(":material/lock: For some people only: it is shown to nobody else.")
    if description := manifest.about.get("description"):
        st.text(description)
    with st.container(horizontal=True):
        for what, count in manifest.counts.items():
            st.metric(what.capitalize(), f"{count:,}", width="stretch")
    if manifest.signals:
        show.table("Signals", frame.signal_table(manifest), "", "signals")
    else:
        st.caption("No signals yet: its texts and pictures have not been encoded.")
    facts = {key: value for key, value in manifest.about.items() if value and key not in ("title", "description")}
    told = [f"{key.replace('_', ' ').capitalize()}: {value}" for key, value in facts.items()]
    st.caption(plain(" · ".join([*told, f"Fingerprint: {manifest.fingerprint}"])))
    st.subheader("Labels and gains")
    st.markdown("Each judged product has one label. A *gain* says what a label is worth in the metric.")
    show.table("Gains of each label", frame.label_table(manifest.label_scale), "", "labels-and-gains")
with right:
    st.subheader("The pages")
    st.markdown(ABOUT_PAGES)
    st.subheader("Words")
    st.markdown(WORDS)
    st.subheader("The metric")
    st.markdown(ABOUT_METRIC)

st.subheader("The data behind it: ESCI and SQID")
st.markdown(ABOUT_DATA)
show.table(
    "Published figures",
    pd.DataFrame(PUBLISHED),
    "NDCG over all judged products, gains 1 / 0.1 / 0.01 / 0, on 8,956 queries. “Paper” is the figure that SQID’s "
    "paper is quoted with; the re-runs were made on the real data by others, independently. This app "
    "made none of them.",
    "published",
)
st.subheader("Sources and licences")
st.markdown(SOURCES)

session.settle()
session.publish()
