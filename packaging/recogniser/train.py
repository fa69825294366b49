"""Trains the line recogniser on drawn lines and writes it as ONNX.

    python packaging/recogniser/train.py --seed 1 --minutes 60 --out resources/models/ocrb.onnx

One process draws, this one learns, each on one thread. The same seed draws the same lines in the same order; how many
of them are seen in the time, and so the bytes of the file, differ from machine to machine.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from lines import ALPHABET
from net import CLASSES, LineNet
from onnx import TensorProto, helper, numpy_helper
from samples import window
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, IterableDataset

VERSION = "1"
_BATCH = 32
_NEW = 11  # of a batch; the others come again
_KEPT = 3000  # windows that come again
_FEWEST = 400
_SMOOTH = 0.998  # of the running mean of the weights
_SAVE_S = 240.0


class Windows(IterableDataset[tuple[Tensor, Tensor]]):
    """Batches of windows without end; each window comes about three times, later in other colours."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Draw."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self._seed, 3])
        kept: list[tuple[np.ndarray, np.ndarray]] = []
        while True:
            batch = [window(rng) for _ in range(_NEW if len(kept) >= _FEWEST else _BATCH)]
            batch += [
                _recoloured(kept[place], rng) for place in rng.integers(0, max(1, len(kept)), _BATCH - len(batch))
            ]
            for new in batch[:_NEW]:
                if len(kept) < _KEPT:
                    kept.append(new)
                else:
                    kept[int(rng.integers(_KEPT))] = new
            strips = torch.from_numpy(np.stack([strip for strip, _ in batch]))
            yield strips, torch.from_numpy(np.stack([answer for _, answer in batch]))


def _recoloured(old: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    strip, answer = old
    gain = np.float32(rng.uniform(0.75, 1.15))
    moved = strip[:, :, rng.permutation(3)].astype(np.float32) * gain + np.float32(rng.uniform(-20, 30))
    return np.clip(moved, 0, 255).astype(np.uint8), answer


@dataclass(slots=True)
class Learner:
    """The network that learns, and the running mean of its weights, which is what is shipped."""

    net: LineNet
    mean: LineNet
    optimiser: torch.optim.Optimizer
    steps: int = 0

    @classmethod
    def new(cls, start: Path | None) -> Learner:
        """Make a learner; ``start`` are weights to go on from."""
        net = LineNet()
        if start is not None:
            net.load_state_dict(torch.load(start, weights_only=True))
        net = net.to(memory_format=torch.channels_last)
        optimiser = torch.optim.AdamW(net.parameters(), weight_decay=0.01)
        return cls(net, copy.deepcopy(net).eval(), optimiser)

    def learn(self, strips: Tensor, answers: Tensor, rate: float) -> float:
        """Take one batch; returns the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        batch = (strips.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        self.net.train()
        with torch.autocast("cpu", torch.bfloat16):
            scores = self.net(batch)
        loss = cross_entropy(scores.float().reshape(-1, CLASSES), answers.reshape(-1), ignore_index=-100)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.steps += 1
        self._follow()
        return loss.item()

    def _follow(self) -> None:
        keep = min(_SMOOTH, self.steps / (self.steps + 10))
        with torch.no_grad():
            for mine, theirs in zip(self.mean.state_dict().values(), self.net.state_dict().values(), strict=True):
                if mine.dtype.is_floating_point:
                    mine.mul_(keep).add_(theirs, alpha=1 - keep)
                else:
                    mine.copy_(theirs)


class _Answering(nn.Module):
    """The network with probabilities in place of scores."""

    def __init__(self, net: LineNet) -> None:
        super().__init__()
        self._net = net

    def forward(self, strips: Tensor) -> Tensor:
        """Run the network."""
        return torch.softmax(self._net(strips), dim=2)


def export(net: LineNet, out: Path, notes: dict[str, str]) -> None:
    """Write ``net`` as ONNX: weights in 16 bits, cast to 32 when it is loaded, and ``notes`` as its metadata."""
    raw = out.with_suffix(".part")
    axes = {"strips": {0: "n", 3: "width"}, "probabilities": {0: "n", 1: "steps"}}
    torch.onnx.export(
        _Answering(copy.deepcopy(net).eval().to(memory_format=torch.contiguous_format)),
        (torch.zeros(1, 3, 48, 448),),
        str(raw),
        input_names=["strips"],
        output_names=["probabilities"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(str(raw))
    _halve(model)
    helper.set_model_props(model, notes)
    onnx.checker.check_model(model)
    onnx.save(model, str(raw))
    raw.replace(out)


def _halve(model: onnx.ModelProto) -> None:
    graph = model.graph
    large = [
        tensor for tensor in graph.initializer if tensor.data_type == TensorProto.FLOAT and len(tensor.raw_data) > 4096
    ]
    casts = []
    for tensor in large:
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name + "_half")
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _notes(seed: int, started: float, learner: Learner) -> dict[str, str]:
    return {
        "alphabet": ALPHABET,
        "seed": str(seed),
        "version": VERSION,
        "licence": "Apache-2.0",
        "trained_minutes": f"{(time.monotonic() - started) / 60:.0f}",
        "trained_windows": str(learner.steps * _BATCH),
    }


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=2.5e-3, help="of learning, at its highest")
    parser.add_argument("--start", type=Path, help="weights (.pt) of an earlier training to go on from")
    asked = parser.parse_args()
    torch.manual_seed(asked.seed)
    torch.set_num_threads(1)
    learner = Learner.new(asked.start)
    loader = DataLoader(Windows(asked.seed), batch_size=None, num_workers=1, prefetch_factor=8)
    started = saved = time.monotonic()
    recent = 0.0
    for strips, answers in loader:
        done = (time.monotonic() - started) / (asked.minutes * 60)
        if done >= 1:
            break
        rate = asked.rate * min(1.0, (learner.steps + 1) / 300) * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)
        loss = learner.learn(strips, answers, rate)
        recent = loss if learner.steps == 1 else 0.98 * recent + 0.02 * loss
        if learner.steps % 100 == 0:
            print(f"{done:6.1%}  {learner.steps * _BATCH} windows  loss {recent:.4f}", flush=True)
        if time.monotonic() - saved > _SAVE_S:
            saved = time.monotonic()
            _save(learner, asked.out, _notes(asked.seed, started, learner))
    _save(learner, asked.out, _notes(asked.seed, started, learner))


def _save(learner: Learner, out: Path, notes: dict[str, str]) -> None:
    torch.save(learner.mean.state_dict(), out.with_suffix(".pt"))
    export(learner.mean, out, notes)


if __name__ == "__main__":
    main()
