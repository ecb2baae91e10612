"""benchmarks.gpu runs through where there is no GPU, so that it will where there is one; nothing is timed here."""

from __future__ import annotations

import pytest
import torch
from cuvs_stand_in import install_cuvs

from benchmarks import gpu

TINY = "--models ViT-S-32-alt --batch 4 --pictures 4 --texts 4 --rounds 1 --vectors 2200 --dim 8".split()


def test_it_runs_through_on_the_cpu_with_what_stands_for_cuvs(tmp_path, monkeypatch, capsys):
    pytest.importorskip("hnswlib", reason="hnswlib is not installed")
    install_cuvs(monkeypatch, tmp_path)
    gpu.main(["--device", "cpu", *TINY])
    said = capsys.readouterr().out
    for row in ("ViT-S-32-alt, pictures", "ViT-S-32-alt, texts", "the CPU, fp32", "hnswlib on the", "cuVS on the"):
        assert f"\n{row}" in said
    assert "recall@100 beside hnswlib's" in said


def test_without_a_gpu_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    gpu.main([])
    assert capsys.readouterr().out.startswith("torch finds no GPU on this machine, so nothing was measured")


def test_a_missed_goal_says_by_how_much():
    assert gpu._against(0.85, 0.8, "{:.0%}") == "goal 80%"
    assert gpu._against(1500, 2000, "{:,.0f}/s") == "goal 2,000/s (missed by 500/s)"
