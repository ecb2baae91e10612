"""New tables for a bundle that exists: what is still true of it goes over, and what does not is said."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
import pyarrow as pa

from precompute.update.carry_scores import judged_scores
from precompute.update.carrying import Carrying
from precompute.update.changes import changes
from precompute.update.graphs import kept_index
from precompute.update.known import Known, known_queries, set_aside
from precompute.update.word_index import write_lexical
from precompute.work.progress import Progress
from sqid_core.bundle.adapted_signal import AdaptedSignal
from sqid_core.bundle.content import digests, found_in, joined_texts, text_digest, there
from sqid_core.bundle.learned_signal import LearnedSignal
from sqid_core.bundle.lexical import LexicalSignal, lexical_signal
from sqid_core.bundle.load import CATEGORIES, Dataset
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.shown_pictures import FAULTS, STATUS_TABLE, read_faults, read_status_table
from sqid_core.bundle.signals import DenseSignal, ScoredSignal
from sqid_core.bundle.tuned_signal import MODELS, TunedSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import EncoderSpec, load_encoder
from sqid_core.errors import InputError, SqidError
from sqid_core.types import Digests, Modality, Vectors
from sqid_core.wording import numbered


def carry_over(writer: BundleWriter, before: Dataset, progress: Progress, but: Collection[str] = ()) -> None:
    """After `write_tables`: categories, pictures, encoders, signals with their indexes, run files' scores, words.

    Vectors go over where the product's text is the same, or its picture comes from the same place; the others are for
    `refresh` to make. but: names of signals and encoders that are not to be carried.
    """
    assert writer.tables is not None
    found = changes(before, writer.tables)
    carrying = Carrying(writer, before, found, progress, but)
    for line in found.said():
        carrying.say(line)
    if found.products_or_queries:
        _categories(carrying)
        _pictures(carrying)
        if before.manifest.maps:
            carrying.say(
                f"the maps are dropped, since they are of other vectors: python -m precompute map {before.folder}"
            )
        for name, spec in before.manifest.encoders.items():
            if name not in but:
                _encoder(carrying, name, spec)
    for name, signal in before.signals.items():
        if name in but or name in writer.manifest.signals:
            continue
        if isinstance(signal, ScoredSignal):
            judged_scores(carrying, name, signal)
        elif isinstance(signal, DenseSignal) and signal.encoder in writer.manifest.encoders:
            _vectors(carrying, name, signal, before.manifest.signals[name])
        elif isinstance(signal, LexicalSignal):
            _words(carrying, name, signal, before.manifest.signals[name])
        elif isinstance(signal, AdaptedSignal):
            carrying.say(
                f"{name} is dropped, since it was fitted to other products, queries or labels; fit it again: python -m "
                f"precompute finetune {before.folder} --encoder {signal.encoder} --how adapter --signal {signal.of} "
                f"--out {name}"
            )
        elif isinstance(signal, TunedSignal):
            carrying.say(
                f"{name} is dropped, since its models were fine-tuned on other products, queries or labels: "
                f"python -m precompute finetune {before.folder} makes it again"
            )
        elif isinstance(signal, LearnedSignal):
            carrying.say(
                f"{name} is dropped, since it was learned from other products, queries or labels; learn it again: "
                f"python -m precompute learn {before.folder} --name {name} --learner {signal.origin.learner}"
            )
    # A model goes on being one that learned from what its list of queries says.
    writer.keep_files(file for file in before.manifest.files if file.startswith(f"{MODELS}/"))
    writer.order_signals([*before.manifest.signals])


def _categories(carrying: Carrying) -> None:
    """Those that were added later stay where the product's own category is what it was."""
    before, found = carrying.before, carrying.changes
    if CATEGORIES not in before.manifest.files:
        return
    own = found.new.products["category"].to_pandas().astype(object).to_numpy()
    kept = found.same("category")
    shown = before.products["category"].astype(object).to_numpy()[found.came_from]
    guessed = before.products["category_estimated"].to_numpy(dtype=bool)[found.came_from] & kept
    final = np.where(kept, shown, own)
    names = [name if isinstance(name, str) else None for name in final]
    carrying.writer.write_categories(found.new.products["product_id"].to_pylist(), names, guessed)
    carrying.say(f"categories: {int(kept.sum()):,} kept")


def _pictures(carrying: Carrying) -> None:
    """What became of each picture stays where it comes from the same place."""
    before, found = carrying.before, carrying.changes
    if STATUS_TABLE not in before.manifest.files:
        return
    table = read_status_table(before.folder / STATUS_TABLE).drop_duplicates("product_id").set_index("product_id")
    ids = pd.Index(found.new.products["product_id"].to_pylist()[row] for row in np.flatnonzero(found.same("image")))
    kept = table.loc[ids.intersection(table.index, sort=False)].rename_axis("product_id").reset_index()
    faults = read_faults(before.folder / STATUS_TABLE)
    found_out = {} if faults is None else {FAULTS: kept["product_id"].map(faults).astype("string")}
    carrying.writer.write_pictures(kept[["product_id", "status", "file", "sha256"]].assign(**found_out))
    stored, now = int(table["file"].notna().sum()), int(kept["file"].notna().sum())
    carrying.say(f"pictures: {now:,} kept, {stored - now:,} dropped")


def _encoder(carrying: Carrying, name: str, spec: EncoderSpec) -> None:
    """The encoder with its queries' vectors; new queries are encoded by it. Where it cannot be had here, its vectors
    are laid aside for `encode`, since every query needs one."""
    writer, before = carrying.writer, carrying.before
    known = known_queries(before, name)
    if known is None:
        carrying.say(f"the encoder {name}, which no signal uses, is dropped")
        return
    texts = carrying.changes.new.queries["query"].to_pylist()
    places = known.rows_of(digests(map(text_digest, texts)))
    vectors = np.asarray(known.vectors[places], dtype=np.float32)
    lacking = np.flatnonzero(places < 0)
    if len(lacking):
        try:
            encoder = load_encoder(spec, before.folder / "encoders" / name)
        except SqidError as error:
            _lay_aside(carrying, name, spec, known, error)
            return
        vectors[lacking] = encoder.encode_texts([texts[row] for row in lacking])
        carrying.say(f"{name}: queries with their vectors {len(texts) - len(lacking):,}, encoded {len(lacking):,}")
    writer.write_encoder(spec, vectors)
    place = f"encoders/{name}/"
    written = (f"{place}queries.npy", f"{place}encoder.json")
    writer.keep_files(file for file in before.manifest.files if file.startswith(place) and file not in written)


def _lay_aside(carrying: Carrying, name: str, spec: EncoderSpec, queries: Known, error: SqidError) -> None:
    """Raises InputError where vectors would be lost, since nobody can say what they are of."""
    before = carrying.before
    why = f"there are new queries, and the encoder {name} cannot be had here ({str(error).partition(';')[0]})"
    kept: dict[Modality, list[Known]] = {"text": [queries], "image": []}
    for signal in (s for s in before.signals.values() if isinstance(s, DenseSignal) and s.encoder == name):
        content = _content_before(carrying, signal)
        if content is None:
            raise InputError(f"{why}: the vectors of {signal.name} would be lost; choose another --out")
        kept[signal.modality].append(Known(signal.products, content))
    set_aside(before.folder, spec, kept)
    signals = [each for each, spec in before.manifest.signals.items() if spec.encoder == name]
    carrying.say(
        f"{why}: {', '.join(signals)} must wait for python -m precompute encode {before.folder}, which takes up the "
        "vectors that are kept aside"
    )


def _content_before(carrying: Carrying, signal: DenseSignal) -> Digests | None:
    """(M, 16) what a signal's vectors are of; None where nobody knows. A text signal that does not say it, as one that
    came with a data set, was of the texts that the bundle had."""
    if signal.content is not None or signal.modality != "text":
        return signal.content
    fields = carrying.before.manifest.signals[signal.name].text_fields or ("title",)
    return np.where(signal.present[:, None], _text_digests(carrying.changes.old.products, fields), 0).astype(np.uint8)


def _vectors(carrying: Carrying, name: str, signal: DenseSignal, spec: SignalSpec) -> None:
    writer, found = carrying.writer, carrying.changes
    if signal.modality == "text":
        vectors, content = _of_texts(carrying, signal, spec)
        present = there(content)
    else:
        present = found.same("image") & signal.present[found.came_from]
        vectors = np.where(present[:, None], signal.products[found.came_from], 0).astype(np.float32)
        content = None
        if signal.content is not None:
            content = np.where(present[:, None], signal.content[found.came_from], 0).astype(np.uint8)
    writer.write_signal(name, signal.modality, signal.encoder, vectors, present, spec.text_fields, content)
    kept_index(writer, carrying.before, name, found.moved, vectors, present, carrying.progress)
    dropped = int(signal.present.sum()) - int(present.sum())
    carrying.say(f"{name}: {numbered(int(present.sum()), 'vectors')} kept, {max(dropped, 0):,} dropped")


def _of_texts(carrying: Carrying, signal: DenseSignal, spec: SignalSpec) -> tuple[Vectors, Digests]:
    """The vectors (N, D) of the texts that are known, and what they are of (N, 16): zero where the text is new."""
    fields = spec.text_fields or ("title",)
    wanted = _text_digests(carrying.changes.new.products, fields)
    known = _content_before(carrying, signal)
    assert known is not None
    places = found_in(wanted, known)
    hit = (places >= 0)[:, None]
    vectors = np.where(hit, signal.products[places], 0).astype(np.float32)
    return vectors, np.where(hit, wanted, 0).astype(np.uint8)


def _words(carrying: Carrying, name: str, signal: LexicalSignal, spec: SignalSpec) -> None:
    """An index of the texts that there are now, read and weighted as before: it takes seconds."""
    tables = carrying.changes.new
    texts, queries = _texts(tables.products, spec.text_fields), tables.queries["query"].to_pylist()
    try:
        made = lexical_signal(name, texts, queries, signal.reading, signal.settings)
    except InputError as error:
        fields, settings = " ".join(spec.text_fields), signal.settings
        carrying.say(
            f"{name} is dropped, since its words cannot be indexed again here ({error}); then: python -m precompute "
            f"lexical {carrying.before.folder} --signal {name} --fields {fields} --k1 {settings.k1} --b {settings.b}"
        )
        return
    write_lexical(carrying.writer, made, spec.text_fields)
    carrying.say(
        f"{name}: {numbered(len(made.index.words), 'words')} of {numbered(int(made.present.sum()), 'products')} "
        f"indexed again"
    )


def _text_digests(products: pa.Table, fields: tuple[str, ...]) -> Digests:
    return digests(map(text_digest, _texts(products, fields)))


def _texts(products: pa.Table, fields: tuple[str, ...]) -> list[str]:
    nothing = pa.chunked_array([pa.nulls(len(products), pa.large_string())])
    return joined_texts([products[name] if name in products.column_names else nothing for name in fields])
