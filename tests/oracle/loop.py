"""Cortico-cerebellar learning with PyTorch's autograd, one segment after the other.

Written from the description of the algorithm alone (docs/maths.md), to check the C engine, which
has no autograd and works on all segments at once. Symbols: B batch, T steps, s = [h; c] the
cortical state, K feedback horizon, g_hat the predicted feedback, delta what it should have been.
"""

import torch
from torch.nn import functional

CELLS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn_tanh": torch.nn.RNN}
SYNTHESIZER = "rnn.backward_interface.synthesizer"


class Cerebellum(torch.nn.Module):
    """A perceptron S -> S; its parameters carry the published code's names."""

    def __init__(self, width, layers, units):
        super().__init__()
        sizes = [width] + [units] * layers + [width]
        self.input_trigger = torch.nn.Linear(sizes[0], sizes[1])
        pairs = zip(sizes[1:-1], sizes[2:])
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in pairs)
        self.mask = None
        self.closest_to_kink = float("inf")

    def forward(self, state):
        weight = self.input_trigger.weight
        if self.mask is not None:
            weight = weight * self.mask
        x = functional.linear(state, weight, self.input_trigger.bias)
        for layer in self.layers:
            self.closest_to_kink = min(self.closest_to_kink, x.detach().abs().min().item())
            x = layer(functional.relu(x))
        return x


class Network:
    """Cortex, readout and cerebellum of a configuration (config.py), and how they learn."""

    def __init__(self, config, dtype):
        self.config, self.dtype = config, dtype
        H = config["hidden_size"]
        self.cortex = CELLS[config["cell"]](config["input_size"], H, batch_first=True)
        self.readout = torch.nn.Linear(H, config["output_size"])
        self.state_size = 2 * H if config["cell"] == "lstm" else H
        self.cerebellum, self.embedding = None, None
        self.lesion = "none"
        if config["cerebellum"] == "true":
            self.cerebellum = Cerebellum(
                self.state_size,
                config["cerebellum_hidden_layers"],
                config["cerebellum_hidden_size"],
            )
        self.map, self.norm = None, None
        if config["captions"]:
            self.embedding = torch.nn.Embedding(config["output_size"], config["input_size"])
            self.make_map()
        for module in self.modules().values():
            module.to(dtype)

        self.named = {
            f"{prefix}.{name}": parameter
            for prefix, module in self.modules().items()
            for name, parameter in (*module.named_parameters(), *module.named_buffers())
            if name != "num_batches_tracked"
        }
        learns = config["cerebellum_kind"] == "learning"
        self.cerebellar = [n for n in self.named if n.startswith(SYNTHESIZER) and learns]
        kept = ("bn.running",)
        if config["captions"] and config["feature_map"] == "frozen":
            kept = ("features.", "bn.")
        self.cortical = [n for n in self.named if not n.startswith((SYNTHESIZER, *kept))]
        self.learning = self.cortical + self.cerebellar
        self.optimizer = self.make_optimizer([self.named[name] for name in self.learning])

    def make_optimizer(self, parameters):
        config = self.config
        common = {"lr": config["lr"], "weight_decay": config["weight_decay"]}
        if config["optimizer"] == "sgd":
            return torch.optim.SGD(parameters, momentum=config["momentum"], **common)
        common["eps"] = config["eps"]
        if config["optimizer"] == "rmsprop":
            return torch.optim.RMSprop(
                parameters, alpha=config["rms_decay"], momentum=config["momentum"], **common
            )
        return torch.optim.Adam(parameters, betas=(config["beta1"], config["beta2"]), **common)

    def make_map(self):
        """The map of features to the first input, if there is one."""
        config = self.config
        if config["feature_map"] == "as_they_are":
            return
        self.map = torch.nn.Linear(config["feature_size"], config["input_size"])
        if config["feature_norm"] == "batch":
            self.norm = torch.nn.BatchNorm1d(config["input_size"], momentum=0.01)
            self.norm.train(config["feature_map"] == "learned")

    def modules(self):
        modules = {"embed": self.embedding} if self.embedding else {}
        if self.map:
            modules["features"] = self.map
        if self.norm:
            modules["bn"] = self.norm
        modules["rnn.rnn" if self.cerebellum else "rnn"] = self.cortex
        if self.cerebellum:
            modules[SYNTHESIZER] = self.cerebellum
        modules["linear"] = self.readout
        return modules

    def load(self, tensors):
        """Take `init/*` and `mask/*`."""
        with torch.no_grad():
            for name, parameter in self.named.items():
                given = tensors[f"init/{name}"]
                assert given.shape == parameter.shape, name
                parameter.copy_(given)
        masks = [name for name in tensors if name.startswith("mask/")]
        if masks:
            assert masks == [f"mask/{SYNTHESIZER}.input_trigger.weight"]
            self.cerebellum.mask = tensors[masks[0]]

    def parameters(self):
        return {name: p.detach().clone() for name, p in self.named.items()}

    def cut(self, lesion):
        """From now on no cerebellum, or one that talks on without learning."""
        self.lesion = lesion
        for name in self.cerebellar:
            self.named[name].grad = None  # the optimiser passes over it, and so does the clip
        self.cerebellar = []
        self.learning = self.cortical

    # -- one segment ----------------------------------------------------------------------

    def segments(self):
        T, K = self.config["seq_len"], self.config["feedback_horizon"]
        return [(begin, min(begin + K, T)) for begin in range(0, T, K)]

    def target_steps(self, begin, end):
        """The steps of a segment that have a target."""
        if self.config["predict"] == "last":
            return [t for t in range(begin, end) if t == self.config["seq_len"] - 1]
        return [t for t in range(begin, end) if t % self.config["feedback_interval"] == 0]

    def forward(self, x, state):
        """x (B,k,I), state (B,S) -> h of every step (B,k,H), the state after them (B,S)."""
        if self.config["cell"] == "lstm":
            h, c = (half.unsqueeze(0).contiguous() for half in state.chunk(2, dim=1))
            hidden, (h, c) = self.cortex(x, (h, c))
            return hidden, torch.cat([h[0], c[0]], dim=1)
        hidden, h = self.cortex(x, state.unsqueeze(0))
        return hidden, h[0]

    def segment_loss(self, output, target, begin, end):
        """Mean over batch, outputs and targeted steps, or None; output (B,k,O)."""
        steps = self.target_steps(begin, end)
        if not steps:
            return None
        y = output[:, [t - begin for t in steps]]
        last = self.config["predict"] == "last"
        wanted = target.unsqueeze(1) if last else target[:, steps]
        if self.config["loss"] == "mse":
            return functional.mse_loss(y, wanted)
        return functional.cross_entropy(y.flatten(0, 1), wanted.flatten())

    def feedback(self, state, is_last):
        """alpha * g_hat at the end of a segment (B,S)."""
        config = self.config
        silent = self.cerebellum is None or config["feedback"] == "off"
        silent = silent or self.lesion == "cerebellum"
        if silent or (is_last and config["terminal_feedback"] == "zero"):
            return torch.zeros_like(state)
        with torch.no_grad():
            return config["synthetic_gradient_scale"] * self.cerebellum(state)

    def backward(self, segment, is_last):
        """Gradient of the cortical parameters {name: gradient} and of the segment's start."""
        wanted = [self.named[name] for name in self.cortical] + [segment["start"]]
        ends = [segment["end"]]
        seeds = [self.feedback(segment["end"].detach(), is_last)]
        if segment["loss"] is not None:
            ends.append(segment["loss"])
            seeds.append(torch.ones_like(segment["loss"]))
        found = torch.autograd.grad(ends, wanted, seeds, allow_unused=True)
        found = [torch.zeros_like(w) if g is None else g for g, w in zip(found, wanted)]
        gradient = dict(zip(self.cortical, found))
        if self.norm and "features.bias" in gradient:
            # the batch's mean takes away what a bias adds; autograd finds rounding errors
            gradient["features.bias"].zero_()
        return gradient, found[-1]

    def cerebellar_gradient(self, state, delta):
        """Gradient of sum (g_hat - delta)^2 over units and batch (or its mean over the batch)."""
        if not self.cerebellar:
            return {}
        loss = (self.cerebellum(state) - delta).square().sum()
        if self.config["cerebellar_loss"] == "mean":
            loss = loss / self.config["batch"]
        wanted = [self.named[name] for name in self.cerebellar]
        return dict(zip(self.cerebellar, torch.autograd.grad(loss, wanted)))

    def run_segment(self, inputs, target, begin, end, state):
        start = state.detach().clone().requires_grad_()
        hidden, after = self.forward(inputs(begin, end), start)
        output = self.readout(hidden)
        return {
            "start": start,
            "end": after,
            "output": output.detach(),
            "loss": self.segment_loss(output, target, begin, end),
            "targets": len(self.target_steps(begin, end)),
        }

    # -- update ---------------------------------------------------------------------------

    def update(self, gradient):
        """Clip and take one step of the optimiser. Return the joint norm before clipping."""
        for name in self.learning:
            self.named[name].grad = gradient[name].clone()
        joint = torch.stack([g.norm() for g in gradient.values()]).norm()
        groups = {
            "joint": [self.learning],
            "separate": [self.cortical, self.cerebellar],
            "none": [],
        }[self.config["clip"]]
        for group in groups:
            parameters = [self.named[name] for name in group]
            if parameters:
                torch.nn.utils.clip_grad_norm_(parameters, self.config["clip_norm"])
        self.optimizer.step()
        return joint

    def loss_value(self, segments):
        """What a step reports as its loss (see README.md)."""
        terms = [(s["targets"], s["loss"].detach()) for s in segments if s["targets"]]
        total = sum(count * loss for count, loss in terms)
        if self.config["loss"] == "mse":
            return total * self.config["output_size"] / self.config["seq_len"]
        return total / sum(count for count, _ in terms)

    def output_value(self, segments):
        output = torch.cat([segment["output"] for segment in segments], dim=1)
        return output[:, -1] if self.config["predict"] == "last" else output

    def batch_step(self, inputs, target):
        """One update for the whole sequence. Returns the tensors of the step."""
        state = torch.zeros(self.config["batch"], self.state_size, dtype=self.dtype)
        segments = []
        for begin, end in self.segments():
            segments.append(self.run_segment(inputs, target, begin, end, state))
            state = segments[-1]["end"]
        gradient = {name: torch.zeros_like(self.named[name]) for name in self.learning}
        for segment in segments:
            cortical, delta = self.backward(segment, segment is segments[-1])
            cerebellar = self.cerebellar_gradient(segment["start"].detach(), delta)
            for name, value in {**cortical, **cerebellar}.items():
                gradient[name] += value
        found = {} if self.embedding else {"output": self.output_value(segments)}
        found.update({f"grad/{name}": value for name, value in gradient.items()})
        norm = self.update(gradient).reshape(1)
        if not self.embedding:
            found["grad_norm"] = norm
        found["loss"] = self.loss_value(segments).reshape(1)
        return found

    def segment_step(self, inputs, target):
        """One update per segment, the state carried over. Returns the tensors of the step."""
        state = torch.zeros(self.config["batch"], self.state_size, dtype=self.dtype)
        segments, found = [], {}
        bounds = self.segments()
        for j, (begin, end) in enumerate(bounds):
            segment = self.run_segment(inputs, target, begin, end, state)
            gradient, delta = self.backward(segment, j == len(bounds) - 1)
            gradient.update(self.cerebellar_gradient(segment["start"].detach(), delta))
            for name, value in gradient.items():
                found[f"segment{j}/grad/{name}"] = value
            found[f"segment{j}/grad_norm"] = self.update(gradient).reshape(1)
            segments.append(segment)
            state = segment["end"]
        if self.embedding:
            found = {k: v for k, v in found.items() if not k.endswith("grad_norm")}
            found["segment_loss"] = torch.stack([s["loss"].detach() for s in segments])
        else:
            found["loss"] = self.loss_value(segments).reshape(1)
            found["output"] = self.output_value(segments)
        return found

    def input_function(self, tensors, step):
        """A function (begin, end) -> inputs (B,k,I) of these time steps."""
        if not self.embedding:
            x = tensors[f"step{step}/input"]
            return lambda begin, end: x[:, begin:end]
        feature = tensors[f"step{step}/features"]
        words = tensors[f"step{step}/captions"]

        def inputs(begin, end):
            spoken = self.embedding(words[:, max(begin - 1, 0) : end - 1])
            if begin > 0:
                return spoken
            image = self.map(feature) if self.map else feature
            image = self.norm(image) if self.norm else image
            return torch.cat([image.unsqueeze(1), spoken], dim=1)

        return inputs


def replay(config, given, dtype=torch.float64):
    """Run every step of a case.

    `given` holds the tensors a case starts from: init/*, mask/* and step<k>/input and target.
    Returns (found, kink): the tensors the case must contain besides them, and the smallest
    |input| any ReLU saw.
    """
    given = {
        name: torch.tensor(a).to(dtype) if a.dtype.kind == "f" else torch.tensor(a)
        for name, a in given.items()
    }
    network = Network(config, dtype)
    network.load(given)
    found = {}
    run_step = network.batch_step if config["update"] == "batch" else network.segment_step
    for k in range(config["steps"]):
        if config["intervention"] != "none" and k == config["intervention_step"]:
            network.cut(config["intervention"])
        target = given[f"step{k}/captions" if network.embedding else f"step{k}/target"]
        step = run_step(network.input_function(given, k), target)
        step.update({f"param/{name}": value for name, value in network.parameters().items()})
        found.update({f"step{k}/{name}": value.numpy() for name, value in step.items()})
    kink = network.cerebellum.closest_to_kink if network.cerebellum else float("inf")
    return found, kink
