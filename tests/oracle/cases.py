"""The cases: what each one changes from BASE, and how its numbers are drawn."""

import zlib

import numpy

import config as configuration
import loop

BASE = {
    "cell": "lstm", "input_size": 2, "hidden_size": 5, "output_size": 2, "batch": 3,
    "seq_len": 7, "feedback_horizon": 2, "feedback_interval": 1, "predict": "all",
    "loss": "mse", "cerebellum_kind": "learning", "cerebellum_hidden_layers": 1,
    "cerebellum_hidden_size": 8, "mossy_fibres": 0, "synthetic_gradient_scale": 0.1,
    "feedback": "predicted", "terminal_feedback": "predicted", "cerebellar_loss": "sum",
    "update": "batch", "clip": "joint", "clip_norm": 1, "optimizer": "adam", "lr": 0.001,
    "beta1": 0.9, "beta2": 0.98, "eps": 1e-9, "steps": 3,
}  # fmt: skip

SHORT = {
    "cell": "cell", "I": "input_size", "H": "hidden_size", "O": "output_size", "B": "batch",
    "T": "seq_len", "K": "feedback_horizon", "P": "feedback_interval",
    "layers": "cerebellum_hidden_layers", "granule": "cerebellum_hidden_size",
    "mossy": "mossy_fibres", "alpha": "synthetic_gradient_scale",
    "cerebellum": "cerebellum_kind", "terminal": "terminal_feedback",
}  # fmt: skip

NONE = {"cerebellum": "none", "layers": 0}
GRU = {"cell": "gru", "H": 6}
TANH = {"cell": "rnn_tanh", "H": 7, "granule": 9}
SEGMENT = {"update": "segment", "H": 4, "granule": 5, "T": 6, "B": 3, "steps": 2}
CLASSES = {"loss": "cross_entropy", "O": 4}

CASES = {
    # every cell × every depth of the cerebellum; horizons, intervals, ragged last segments
    "lstm_none_h3": {**NONE, "T": 8, "K": 3, "P": 2},
    "lstm_layers0_h2": {"layers": 0},
    "lstm_layers1_h1": {"K": 1, "P": 2, "T": 6, "B": 4},
    "lstm_layers2_h3_interval4": {"layers": 2, "K": 3, "P": 4, "T": 10},
    "lstm_layers4_h2": {"layers": 4, "granule": 7, "T": 6, "P": 3},
    "gru_none_h2": {**GRU, **NONE},
    "gru_layers0_h1": {**GRU, "layers": 0, "K": 1, "T": 6},
    "gru_layers1_h3": {**GRU, "K": 3, "T": 11, "P": 2},
    "gru_layers2_h1_interval3": {**GRU, "layers": 2, "K": 1, "P": 3, "T": 8},
    "gru_layers4_h3": {**GRU, "layers": 4, "K": 3, "P": 4},
    "tanh_none_h1": {**TANH, **NONE, "K": 1},
    "tanh_layers0_h3": {**TANH, "layers": 0, "K": 3, "T": 10, "P": 4},
    "tanh_layers1_h2": {**TANH, "B": 4},
    "tanh_layers2_whole": {**TANH, "layers": 2, "K": 8, "T": 8, "P": 2},
    "tanh_layers4_h1": {**TANH, "layers": 4, "K": 1, "T": 6, "P": 2},
    # one segment
    "lstm_whole": {"K": 7},
    "lstm_none_beyond": {**NONE, "K": 50, "T": 6, "P": 3},
    "gru_beyond": {**GRU, "K": 20, "T": 6},
    # losses
    "lstm_last_mse": {"predict": "last", "K": 3},
    "lstm_last_classes": {**CLASSES, "predict": "last", "K": 3, "clip_norm": 5},
    "lstm_all_classes": {**CLASSES, "K": 2, "P": 3, "T": 8},
    "gru_all_classes": {**GRU, **CLASSES, "O": 5, "P": 2},
    "tanh_none_last_classes": {**TANH, **NONE, **CLASSES, "predict": "last", "T": 6, "K": 4},
    # the cerebellum
    "lstm_mossy3": {"mossy": 3, "granule": 9},
    "gru_mossy2_layers2": {**GRU, "mossy": 2, "layers": 2, "K": 1, "T": 6},
    "lstm_feedback_off": {"feedback": "off"},
    "gru_fixed": {**GRU, "cerebellum": "fixed", "alpha": 0.5},
    "tanh_fixed_mossy3": {**TANH, "cerebellum": "fixed", "mossy": 3, "K": 1, "T": 6},
    "lstm_terminal_zero": {"terminal": "zero", "K": 3},
    "gru_mean_loss": {**GRU, "cerebellar_loss": "mean", "B": 4},
    "lstm_alpha1": {"alpha": 1.0, "terminal": "zero", "P": 2},
    # lesions in the middle of learning; the clip is active, so a stale gradient would show
    "lstm_lesion": {"intervention": "cerebellum", "intervention_step": 3, "steps": 6},
    "lstm_olive": {
        "intervention": "olive", "intervention_step": 3, "steps": 6, "alpha": 0.5, "clip_norm": 0.5,
    },
    "lstm_olive_sgd_decay": {
        "optimizer": "sgd", "lr": 0.02, "momentum": 0.9, "weight_decay": 0.1, "steps": 6, "alpha": 0.5,
        "intervention": "olive", "intervention_step": 3,
    },
    "gru_segment_olive_mossy3": {
        **SEGMENT, "cell": "gru", "intervention": "olive", "intervention_step": 1, "steps": 3,
        "mossy": 3, "K": 2, "clip": "separate", "alpha": 0.5,
    },
    "tanh_segment_lesion": {
        **SEGMENT, "cell": "rnn_tanh", "intervention": "cerebellum", "intervention_step": 1,
        "layers": 2, "steps": 3, "K": 3,
    },
    # clipping and odd sizes
    "lstm_separate_clip": {"clip": "separate", "clip_norm": 4},
    "tanh_no_clip": {**TANH, "clip": "none", "clip_norm": 0, "K": 3},
    "gru_wide_clip": {**GRU, "clip_norm": 1000, "lr": 0.01, "beta2": 0.999, "eps": 1e-8},
    "lstm_smallest": {"I": 1, "H": 1, "O": 1, "B": 1, "T": 5, "granule": 3},
    "gru_one_trial": {**GRU, "I": 3, "O": 1, "B": 1, "K": 4, "T": 9},
    # one update per segment
    "lstm_segment_h1": {**SEGMENT, "K": 1},
    "lstm_segment_none_h3": {**SEGMENT, **NONE, "T": 8, "K": 3, "P": 2, "steps": 3},
    "lstm_segment_h3": {**SEGMENT, "T": 8, "K": 3, "P": 2, "clip_norm": 0.5, "steps": 3},
    "lstm_segment_classes": {
        **SEGMENT, **CLASSES, "K": 3, "T": 7, "clip": "none", "clip_norm": 0,
        "beta2": 0.999, "eps": 1e-8,
    },
    "lstm_segment_options": {
        **SEGMENT, "K": 4, "terminal": "zero", "cerebellar_loss": "mean", "clip": "separate",
        "layers": 2, "mossy": 3,
    },
    "gru_segment_h2": {**SEGMENT, "cell": "gru", "layers": 2, "T": 5},
    "gru_segment_none_h1": {**SEGMENT, **NONE, "cell": "gru", "K": 1},
    "gru_segment_fixed": {**SEGMENT, "cell": "gru", "cerebellum": "fixed", "K": 4, "P": 3},
    "tanh_segment_h3_interval4": {**SEGMENT, "cell": "rnn_tanh", "T": 11, "K": 3, "P": 8},
    "tanh_segment_none_h2": {**SEGMENT, **NONE, "cell": "rnn_tanh", "P": 4, "T": 7},
    "tanh_segment_last": {
        **SEGMENT, "cell": "rnn_tanh", "layers": 0, "predict": "last", "K": 3, "feedback": "off",
    },
    # other optimisers, and weight decay with each
    "lstm_rmsprop": {"optimizer": "rmsprop", "steps": 6},
    "lstm_rmsprop_momentum": {
        "optimizer": "rmsprop", "rms_decay": 0.9, "momentum": 0.8, "eps": 1e-8, "mossy": 3, "steps": 6,
    },
    "lstm_rmsprop_decay": {
        "optimizer": "rmsprop", "rms_decay": 0.95, "momentum": 0.5, "weight_decay": 0.05, "steps": 5,
        "clip": "separate",
    },
    "lstm_sgd": {"optimizer": "sgd", "lr": 0.05, "clip_norm": 5, "cerebellum": "fixed", "steps": 4},
    "lstm_sgd_momentum": {"optimizer": "sgd", "lr": 0.05, "momentum": 0.9, "steps": 6},
    "lstm_sgd_decay": {
        "optimizer": "sgd", "lr": 0.05, "momentum": 0.5, "weight_decay": 0.2, "mossy": 3, "steps": 5,
    },
    "lstm_adam_decay": {"weight_decay": 0.1, "mossy": 3, "steps": 6},
    "lstm_segment_rmsprop_decay": {
        **SEGMENT, "optimizer": "rmsprop", "momentum": 0.9, "weight_decay": 0.01, "K": 4,
    },
}  # fmt: skip


# Networks of words: features, then a word a step.
CAPTION_BASE = {
    **BASE, "input_size": 6, "output_size": 11, "hidden_size": 5, "batch": 4, "seq_len": 7,
    "loss": "cross_entropy", "update": "segment", "clip": "none", "clip_norm": 0, "beta2": 0.999,
    "eps": 1e-8, "steps": 2, "feature_size": 9, "feature_map": "learned", "feature_norm": "none",
}  # fmt: skip

CAPTION_CASES = {
    "caption_lstm_h3": {"K": 3, "layers": 2},
    "caption_lstm_none_norm": {**NONE, "K": 3, "feature_norm": "batch"},
    "caption_lstm_frozen_norm_mossy": {
        "feature_map": "frozen", "feature_norm": "batch", "mossy": 3, "K": 1,
    },
    "caption_lstm_batch_update": {"update": "batch", "clip": "joint", "clip_norm": 0.5, "K": 3},
    "caption_gru_norm_terminal_zero": {**GRU, "feature_norm": "batch", "terminal": "zero"},
    "caption_gru_frozen_batch": {**GRU, **NONE, "feature_map": "frozen", "update": "batch"},
    "caption_tanh_as_they_are": {
        "cell": "rnn_tanh", "feature_map": "as_they_are", "feature_size": 6, "K": 4,
        "clip": "separate", "clip_norm": 0.2,
    },
    "caption_lstm_olive": {"K": 3, "intervention": "olive", "intervention_step": 1, "steps": 3},
    "caption_lstm_sgd_decay": {
        "optimizer": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "K": 3, "steps": 4,
        "feature_norm": "batch",
    },
    "caption_gru_rmsprop": {
        **GRU, "optimizer": "rmsprop", "momentum": 0.5, "weight_decay": 0.02, "K": 3, "steps": 4,
    },
    "caption_tanh_whole_norm": {"cell": "rnn_tanh", "K": 20, "feature_norm": "batch"},
}  # fmt: skip

# Keys as a file of captions calls them; the others do not stand in it.
CAPTION_KEYS = {"input_size": "embed_size", "output_size": "vocab_size", "seq_len": "caption_len"}
CAPTION_WITHOUT = ("predict", "feedback_interval")


def table():
    """{name: metadata}, every value a string."""
    cases = _numbers()
    for name, changes in CAPTION_CASES.items():
        values = _values(CAPTION_BASE, changes)
        cases[name] = {"format": configuration.ORACLE_CAPTION}
        for key, value in values.items():
            if key not in CAPTION_WITHOUT:
                cases[name][CAPTION_KEYS.get(key, key)] = _text(value)
    return cases


def _values(base, changes):
    values = {**base, **{SHORT.get(key, key): value for key, value in changes.items()}}
    values["cerebellum"] = "false" if values["cerebellum_kind"] == "none" else "true"
    return values


def _numbers():
    cases = {}
    for name, changes in CASES.items():
        metadata = {"format": configuration.ORACLE}
        metadata.update({key: _text(value) for key, value in _values(BASE, changes).items()})
        cases[name] = metadata
    return cases


def _text(value):
    return value if isinstance(value, str) else f"{value:.9g}"


def draw(name, config, seed):
    """The tensors a case starts from, from a random stream of (name, seed)."""
    random = numpy.random.Generator(
        numpy.random.Philox(key=[zlib.crc32(name.encode()), seed])
    )
    sizes = loop.Network(config, loop.torch.float32).named
    given = {}
    for parameter, value in sizes.items():
        shape = tuple(value.shape)
        bound = 1.0 / (shape[-1] if len(shape) > 1 else config["hidden_size"]) ** 0.5
        values = random.uniform(-1.5 * bound, 1.5 * bound, shape)
        if parameter == "bn.running_var":
            values = random.uniform(0.5, 1.5, shape)
        given[f"init/{parameter}"] = values.astype(numpy.float32)
    if config["mossy_fibres"]:
        _draw_mossy_fibres(config, random, given)
    for step in range(config["steps"]):
        given.update(_draw_batch(config, random, step))
    return given


def _draw_mossy_fibres(config, random, given):
    weight = given[f"init/{loop.SYNTHESIZER}.input_trigger.weight"]
    mask = numpy.zeros_like(weight)
    for row in mask:
        row[random.permutation(row.size)[: config["mossy_fibres"]]] = 1
    weight *= mask
    given[f"mask/{loop.SYNTHESIZER}.input_trigger.weight"] = mask


def _draw_batch(config, random, step):
    B, T, O = config["batch"], config["seq_len"], config["output_size"]
    if config["captions"]:
        feature = random.normal(0, 1, (B, config["feature_size"])).astype(numpy.float32)
        words = random.integers(0, O, (B, T))
        return {f"step{step}/features": feature, f"step{step}/captions": words}
    steps = (B,) if config["predict"] == "last" else (B, T)
    if config["loss"] == "cross_entropy":
        target = random.integers(0, O, steps)
    else:
        target = random.normal(0, 1.5, (*steps, O)).astype(numpy.float32)
    x = random.normal(0, 1, (B, T, config["input_size"])).astype(numpy.float32)
    return {f"step{step}/input": x, f"step{step}/target": target}
