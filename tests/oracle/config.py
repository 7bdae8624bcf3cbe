"""The configuration of a case: the metadata of its file, with types."""

ORACLE = "ccrnn-oracle-1"
GOLDEN = "ccrnn-golden-1"
CAPTION = "ccrnn-golden-caption-1"
ORACLE_CAPTION = "ccrnn-oracle-caption-1"

INTEGERS = [
    "input_size", "hidden_size", "output_size", "batch", "seq_len", "feedback_horizon",
    "feedback_interval", "cerebellum_hidden_layers", "cerebellum_hidden_size", "mossy_fibres",
    "steps",
]  # fmt: skip
NUMBERS = ["synthetic_gradient_scale", "clip_norm", "lr", "beta1", "beta2", "eps"]
# Of the optimiser; a file that lacks one means this value.
OPTIONAL = {"rms_decay": "0.99", "momentum": "0", "weight_decay": "0"}
WORDS = {
    "cell": ["lstm", "gru", "rnn_tanh"],
    "predict": ["all", "last"],
    "loss": ["mse", "cross_entropy"],
    "cerebellum": ["true", "false"],
    "optimizer": ["adam", "rmsprop", "sgd"],
}
ORACLE_WORDS = {
    "cerebellum_kind": ["none", "learning", "fixed"],
    "feedback": ["predicted", "off"],
    "terminal_feedback": ["predicted", "zero"],
    "cerebellar_loss": ["sum", "mean"],
    "update": ["batch", "segment"],
    "clip": ["joint", "separate", "none"],
}

# Of all units, from a step on (0 is the first); a file that lacks it has none.
INTERVENTIONS = ["none", "cerebellum", "olive"]

CAPTION_WORDS = {
    "feature_map": ["as_they_are", "learned", "frozen"],
    "feature_norm": ["none", "batch"],
}


def parse(metadata):
    """Check every key of an oracle or golden file and return the configuration."""
    metadata = dict(metadata)
    kind = metadata.pop("format", None)
    captions = kind in (CAPTION, ORACLE_CAPTION)
    if kind == CAPTION:
        metadata = _from_caption(metadata)
        metadata.update({"feature_size": metadata["input_size"], "mossy_fibres": "0"})
        metadata.update({"feature_map": "as_they_are", "feature_norm": "none"})
        metadata.update(
            _published(metadata["cerebellum"], metadata["clip_norm"], metadata["update"])
        )
    elif kind == ORACLE_CAPTION:
        metadata = _from_caption(metadata)
    elif kind == GOLDEN:
        metadata.pop("context", None)
        metadata.update(_published(metadata["cerebellum"], metadata["clip_norm"], "batch"))
    elif kind != ORACLE:
        raise ValueError(f"unknown format {kind!r}")
    lesion = metadata.pop("intervention", "none")
    first = int(metadata.pop("intervention_step", 0))
    if lesion not in INTERVENTIONS:
        raise ValueError(f"intervention: {lesion!r} is none of {INTERVENTIONS}")
    words = {**WORDS, **ORACLE_WORDS, **(CAPTION_WORDS if captions else {})}
    integers = [*INTEGERS, "feature_size"] if captions else INTEGERS
    metadata = {**OPTIONAL, **metadata}
    expected = {*integers, *NUMBERS, *OPTIONAL, *words}
    if set(metadata) != expected:
        raise ValueError(f"missing or unknown keys: {sorted(expected ^ set(metadata))}")
    for key, choices in words.items():
        if metadata[key] not in choices:
            raise ValueError(f"{key}: {metadata[key]!r} is none of {choices}")
    config = dict(metadata)
    config.update({key: int(metadata[key]) for key in integers})
    config.update({key: float(metadata[key]) for key in [*NUMBERS, *OPTIONAL]})
    config["format"] = kind
    config["captions"] = captions
    config["intervention"], config["intervention_step"] = lesion, first
    if (config["cerebellum"] == "false") != (config["cerebellum_kind"] == "none"):
        raise ValueError("cerebellum and cerebellum_kind contradict each other")
    if (config["clip"] == "none") != (config["clip_norm"] == 0):
        raise ValueError("clip and clip_norm contradict each other")
    return config


def _published(cerebellum, clip_norm, update):
    return {
        "cerebellum_kind": "learning" if cerebellum == "true" else "none",
        "feedback": "predicted",
        "terminal_feedback": "predicted",
        "cerebellar_loss": "sum",
        "update": update,
        "clip": "joint" if float(clip_norm) > 0 else "none",
    }


def _from_caption(metadata):
    metadata["input_size"] = metadata.pop("embed_size")
    metadata["output_size"] = metadata.pop("vocab_size")
    metadata["seq_len"] = metadata.pop("caption_len")
    metadata.update({"feedback_interval": "1", "predict": "all"})
    return metadata
