#!/usr/bin/python3
"""Time one training step of every bench case with PyTorch, on one thread.

The step is the one `ccrnn bench` times: forward, predicted feedback, backward, clip, Adam; not the
making of data. It is written twice, and the faster one counts for a case:

  segments  nn.LSTM over one segment after the other, as one writes it first, but with a single
            backward call for all segments and a single cerebellum call for all boundaries
  batched   the states at the boundaries without a graph, then all segments of equal length as
            one batch of B·n rows: the forward pass is paid twice, the backward pass is short

Prints a JSON list of {case, ms, iqr_ms, formulation, blas}. PyTorch's speed here is that of the
BLAS it loads: Debian's default, the reference libblas3, is 2 to 12 times slower than
libopenblas0-serial, which takes its place once installed. --all lists both formulations; --check
compares their gradients.
"""

import argparse
import json
import os
import statistics
import time

import torch
from torch import nn

BATCH = 50
SCALE = 0.1
CASES = {
    "linedraw-ccrnn-400-400": {"I": 1, "H": 50, "T": 10, "K": 1, "P": 2, "granule": [400, 400]},
    "linedraw-ccrnn-400": {"I": 1, "H": 50, "T": 10, "K": 1, "P": 2, "granule": [400]},
    "linedraw-bptt": {"I": 1, "H": 50, "T": 10, "K": 10, "P": 2, "granule": None},
    "digits-ccrnn-300": {"I": 28, "H": 30, "T": 28, "K": 3, "P": 4, "granule": [300]},
}


# The published captioning network; one update a segment.
CAPTIONS = {"B": 100, "E": 256, "H": 256, "V": 9956, "F": 2048, "T": 13, "K": 5, "granule": 1024}


class CaptionStep:
    """The captioning network and its data; calling it makes one training step, an update a segment."""

    def __init__(self):
        torch.manual_seed(1)
        B, E, H, V, F, T, G = (CAPTIONS[key] for key in ("B", "E", "H", "V", "F", "T", "granule"))
        self.map, self.embedding = nn.Linear(F, E), nn.Embedding(V, E)
        self.cortex, self.readout = nn.LSTM(E, H), nn.Linear(H, V)
        self.cerebellum = nn.Sequential(
            nn.Linear(2 * H, G), nn.ReLU(), nn.Linear(G, G), nn.ReLU(), nn.Linear(G, 2 * H)
        )
        parts = (self.map, self.embedding, self.cortex, self.readout, self.cerebellum)
        self.parameters = [tensor for part in parts for tensor in part.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=1e-3, eps=1e-8, foreach=True)
        self.feature, self.word = torch.rand(B, F), torch.randint(V, (T, B))
        self.dropout = nn.Dropout(0.5)

    def inputs(self, begin, end):
        words = self.embedding(self.word[max(begin - 1, 0) : end - 1])
        if begin == 0:
            words = torch.cat([self.map(self.feature).unsqueeze(0), words])
        return self.dropout(words)

    def segment(self, begin, end, h, c):
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.grad.zero_()
        h, c = h.detach().requires_grad_(), c.detach().requires_grad_()
        out, after = self.cortex(self.inputs(begin, end), (h, c))
        loss = nn.functional.cross_entropy(
            self.readout(out).flatten(0, 1), self.word[begin:end].flatten()
        )
        with torch.no_grad():
            feedback = SCALE * self.cerebellum(torch.cat(after, 2))
        seeds = [half.contiguous() for half in feedback.chunk(2, 2)]
        torch.autograd.backward([loss, *after], [None, *seeds])
        predicted = self.cerebellum(torch.cat([h, c], 2).detach())
        true = torch.cat([h.grad, c.grad], 2)
        predicted.backward(2 * (predicted.detach() - true))
        self.optimizer.step()
        return after

    def __call__(self):
        T, K = CAPTIONS["T"], CAPTIONS["K"]
        state = (torch.zeros(1, CAPTIONS["B"], CAPTIONS["H"]),) * 2
        for begin in range(0, T, K):
            state = self.segment(begin, min(begin + K, T), *state)


class Step:
    """A network and its data; calling it makes one training step."""

    def __init__(self, case, formulation):
        torch.manual_seed(1)
        self.case = case
        I, H, T, K = (case[key] for key in "IHTK")
        self.cortex = nn.LSTM(I, H)
        self.readout = nn.Linear(H, 2)
        self.parameters = [*self.cortex.parameters(), *self.readout.parameters()]
        self.cerebellum = None
        if case["granule"]:
            layers, width = [], 2 * H
            for units in case["granule"]:
                layers += [nn.Linear(width, units), nn.ReLU()]
                width = units
            self.cerebellum = nn.Sequential(*layers, nn.Linear(width, 2 * H))
            self.parameters += self.cerebellum.parameters()
        self.optimizer = torch.optim.Adam(
            self.parameters, lr=1e-3, betas=(0.9, 0.98), eps=1e-9, foreach=True
        )
        self.input = torch.randn(T, BATCH, I)
        self.fed_back = list(range(0, T, case["P"]))
        self.target = torch.randn(len(self.fed_back), BATCH, 2)
        # the sum over segments of mean squared errors, as one weight per fed-back step
        count = [sum(t // K == s // K for s in self.fed_back) for t in self.fed_back]
        self.weight = (1 / (2 * BATCH * torch.tensor(count, dtype=torch.float32))).view(-1, 1, 1)
        self.bounds = list(range(0, T, K)) + [T]
        self.learn = getattr(self, formulation)

    def __call__(self):
        for parameter in self.parameters:
            parameter.grad = None
        self.learn()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()

    def loss(self, hidden):
        output = self.readout(hidden)
        return ((output[self.fed_back] - self.target).square() * self.weight).sum()

    def zero_state(self):
        return torch.zeros(1, BATCH, self.case["H"])

    def predict(self, boundaries):
        """Feedback for n+1 boundary states (n+1,B,2H), a graph for the first n only."""
        predicted = self.cerebellum(boundaries[:-1])
        with torch.no_grad():
            last = self.cerebellum(boundaries[-1:])
            return predicted, SCALE * torch.cat([predicted[1:], last])

    def teach(self, predicted, true):
        """predicted, true (n,B,2H): the gradient of the summed squared difference."""
        predicted.backward(2 * (predicted.detach() - true))

    def whole(self):
        """Full backpropagation through time, no cerebellum."""
        hidden, _ = self.cortex(self.input)
        self.loss(hidden).backward()

    def segments(self):
        if self.cerebellum is None:
            return self.whole()
        h, c = self.zero_state(), self.zero_state()
        starts, ends, hidden = [], [], []
        for begin, end in zip(self.bounds, self.bounds[1:]):
            h, c = h.detach().requires_grad_(), c.detach().requires_grad_()
            starts += [h, c]
            out, (h, c) = self.cortex(self.input[begin:end], (h, c))
            hidden.append(out)
            ends += [h, c]
        with torch.no_grad():
            states = [torch.cat(pair, 2) for pair in zip(starts[::2], starts[1::2])]
            boundaries = torch.cat([*states, torch.cat([h, c], 2)])
        predicted, feedback = self.predict(boundaries)
        seeds = [half for g in feedback for half in g.unsqueeze(0).chunk(2, 2)]
        loss = self.loss(torch.cat(hidden))
        torch.autograd.backward([loss, *ends], [None, *seeds])
        pairs = zip(starts[::2], starts[1::2])
        self.teach(predicted, torch.cat([torch.cat([h.grad, c.grad], 2) for h, c in pairs]))

    def batched(self):
        if self.cerebellum is None:
            return self.whole()
        T, K, H = (self.case[key] for key in "TKH")
        with torch.no_grad():
            states, state = [], (self.zero_state(), self.zero_state())
            for begin, end in zip(self.bounds, self.bounds[1:]):
                states.append(torch.cat(state, 2))
                _, state = self.cortex(self.input[begin:end], state)
            boundaries = torch.cat([*states, torch.cat(state, 2)])
        predicted, feedback = self.predict(boundaries)
        full, starts, hidden, ends, seeds = T // K, [], [], [], []
        for first, n, k in ((0, full, K), (full, 1, T - full * K)):
            if k == 0:
                continue
            x = self.input[first * K : first * K + n * k].view(n, k, BATCH, -1)
            x = x.transpose(0, 1).reshape(k, n * BATCH, -1)
            start = boundaries[first : first + n].view(1, n * BATCH, 2 * H).requires_grad_()
            starts.append(start)
            halves = [half.contiguous() for half in start.chunk(2, 2)]
            out, (h, c) = self.cortex(x, tuple(halves))
            hidden.append(out.view(k, n, BATCH, H).transpose(0, 1).reshape(n * k, BATCH, H))
            ends += [h, c]
            seeds += feedback[first : first + n].view(1, n * BATCH, 2 * H).chunk(2, 2)
        loss = self.loss(torch.cat(hidden))
        torch.autograd.backward([loss, *ends], [None, *seeds])
        self.teach(predicted, torch.cat([s.grad.view(-1, BATCH, 2 * H) for s in starts]))


def blas():
    """The file name of the BLAS this process uses."""
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        paths = sorted({line.split()[-1] for line in maps if ".so" in line})
    names = [os.path.basename(os.path.realpath(path)) for path in paths]
    for family in ("openblas", "mkl_rt", "mkl_core", "blis"):
        for name in names:
            if family in name:
                return name
    for path in paths:
        if os.path.basename(path).startswith("libblas"):
            return "openblas" if "openblas" in path else "reference libblas3"
    return "unknown"


def measure(step, formulation, repeats):
    """Median and interquartile range of a step, in milliseconds; a repeat takes about 20 ms or more."""
    begin = time.perf_counter()
    for _ in range(10):
        step()
    count = max(1, round(0.02 / ((time.perf_counter() - begin) / 10)))
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        for _ in range(count):
            step()
        times.append(1e3 * (time.perf_counter() - begin) / count)
    low, middle, high = statistics.quantiles(times, n=4)
    return {"ms": round(middle, 4), "iqr_ms": round(high - low, 4), "formulation": formulation}


def check():
    """Both formulations must find the same gradient."""
    for name, case in CASES.items():
        one, other = Step(case, "segments"), Step(case, "batched")
        one.learn()
        other.learn()
        worst = max(
            ((a.grad - b.grad).abs().max() / a.grad.abs().max()).item()
            for a, b in zip(one.parameters, other.parameters)
        )
        if not worst < 1e-5:
            raise SystemExit(f"{name}: the formulations differ by {worst:.3g}")
        print(f"{name}: the formulations agree to {worst:.1e} of a tensor's largest gradient")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15, help="at least 9 (default 15)")
    parser.add_argument("--all", action="store_true", help="list both formulations")
    parser.add_argument("--check", action="store_true", help="compare the formulations")
    arguments = parser.parse_args()
    if arguments.repeats < 9:
        parser.error(f"--repeats: at least 9 expected, {arguments.repeats} found")
    torch.set_num_threads(1)
    if arguments.check:
        return check()
    results = []
    for name, case in CASES.items():
        kinds = ("segments", "batched") if case["granule"] else ("whole",)
        rows = [
            {"case": name, **measure(Step(case, kind), kind, arguments.repeats)} for kind in kinds
        ]
        rows = [{**row, "blas": blas()} for row in rows]
        rows.sort(key=lambda row: row["ms"])
        results += rows if arguments.all else rows[:1]
    captions = measure(CaptionStep(), "segments", arguments.repeats)
    results.append({"case": "captions-ccrnn", **captions, "blas": blas()})
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
