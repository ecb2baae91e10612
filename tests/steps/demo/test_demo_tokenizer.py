"""The cut-down tokenizer: known words as with open_clip's full file, unknown ones in pieces."""

from __future__ import annotations

import gzip
import json

import pytest

from precompute.demo.text.merges import used_merges, vocabulary_size, write_merges
from precompute.demo.text.words import known_words
from precompute.demo.training.model_folder import (
    CONFIG_FILE,
    MERGES_FILE,
    MODEL_FOLDER,
    VOCABULARY_FILE,
    write_descriptions,
)


@pytest.fixture(scope="module")
def full():
    from open_clip.tokenizer import SimpleTokenizer

    return SimpleTokenizer()


@pytest.fixture(scope="module")
def small():
    import open_clip

    return open_clip.get_tokenizer(f"local-dir:{MODEL_FOLDER}", bpe_path=str(MODEL_FOLDER / MERGES_FILE))


def pieces(tokenizer, text: str) -> list[str]:
    return [tokenizer.decoder[token] for token in tokenizer.encode(text)]


def test_known_words_are_cut_as_with_the_full_file(small, full):
    for word in known_words():
        assert pieces(small, word) == pieces(full, word)


@pytest.mark.parametrize(
    "text",
    ["Kestrel Striped Cotton V-Neck Tee, Size M", "a red mug for tea, 350 ml", "something to drink coffee from"],
)
def test_sentences_of_known_words_too(small, full, text):
    assert pieces(small, text) == pieces(full, text)


@pytest.mark.parametrize("text", ["xylophone", "bakcpack", "größe", "☕", "日本"])
def test_unknown_words_come_back_from_their_pieces(small, text):
    assert small.decode(small.encode(text)).strip() == text


def test_the_model_has_a_row_for_every_token(small):
    config = json.loads((MODEL_FOLDER / CONFIG_FILE).read_text())
    assert config["model_cfg"]["text_cfg"]["vocab_size"] == small.vocab_size


def test_a_merges_file_has_equal_bytes_each_time(tmp_path):
    merges = used_merges(["stripy", "tee"])
    write_merges(tmp_path / "a", merges)
    write_merges(tmp_path / "b", merges)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert vocabulary_size(merges) == 514 + len(merges)


def test_the_committed_descriptions_are_the_ones_the_program_writes(tmp_path):
    write_descriptions(tmp_path)
    for name in (CONFIG_FILE, VOCABULARY_FILE):
        assert (tmp_path / name).read_text() == (MODEL_FOLDER / name).read_text()
    written, committed = (gzip.decompress((folder / MERGES_FILE).read_bytes()) for folder in (tmp_path, MODEL_FOLDER))
    assert written == committed


def test_the_vocabulary_is_sorted_one_lower_case_word_a_line():
    words = (MODEL_FOLDER / VOCABULARY_FILE).read_text().splitlines()
    assert words == sorted(set(words))
    assert all(word == word.lower() and word.isalnum() for word in words)
