"""Small data sets of captions, and what a network says of them, computed without ccrnn.

Sentences are of words that come out of the splitter as they are, so that .split() is enough here.
"""
import csv
import json
import math
import random
import sys

import numpy as np

import tap

sys.path.insert(0, str(tap.ROOT / "tests" / "oracle"))
import caption_scores  # noqa: E402

PAD, START, END, UNKNOWN = range(4)
SPLITS = {"train": 40, "dev": 12, "test": 13}
WIDTH = 9
# A network and a data set that train in a few milliseconds an epoch.
BASE = {"task": "captions", "captions": "flickr", "shortest": 6, "longest": 9, "minimum_count": 2,
        "epochs": 3, "batch": 8, "hidden": 10, "embedding": 6, "granule_units": 8,
        "learning_rate": 0.01}
FILES = ["config.yaml", "metrics.csv", "captions.csv", "vocabulary.txt", "last.safetensors",
         "best.safetensors"]
PUNCTUATION = {".", ","}

THINGS, COLOURS, DEEDS = ["dog", "cat", "bird"], ["red", "green"], ["sleeps", "runs", "sits"]


def sentences(stream, thing, colour, deed):
    """Five captions of 4 to 9 words, in wordings that are drawn."""
    forms = ["the {t} {d} .", "a {c} {t} {d} .", "the {t} is {c} , it {d} .",
             "there is a {c} {t} that {d}", "here a {c} {t} {d} and {d2} .",
             "a {c} {t} that {d} by the {o} {x}"]
    other = stream.choice([t for t in THINGS if t != thing])
    return [form.format(t=thing, c=colour, d=deed, d2=stream.choice(DEEDS), o=other,
                        x=stream.choice(["", "", "café", f"rare{stream.randrange(1000)}"])).strip()
            for form in stream.sample(forms, 5)]


def images(seed=1):
    """[(split, properties, captions)] and the features (count,WIDTH)."""
    stream, noise = random.Random(seed), np.random.default_rng(seed)
    found, features = [], []
    for split, count in SPLITS.items():
        for _ in range(count):
            kinds = [stream.randrange(len(names)) for names in (THINGS, COLOURS, DEEDS)]
            names = THINGS[kinds[0]], COLOURS[kinds[1]], DEEDS[kinds[2]]
            hot = [float(i == k) for k, n in zip(kinds, (3, 2, 3)) for i in range(n)] + [1.0]
            found.append((split, names, sentences(stream, *names)))
            features.append(np.array(hot) + 0.05 * noise.standard_normal(WIDTH))
    return found, np.array(features, dtype="<f4")


def write_flickr(directory, seed=1):
    """As Flickr8k's: a token file, three lists of images, features.npy and image_ids.txt."""
    directory.mkdir(parents=True)
    made, features = images(seed)
    names = [f"{1000 + 7 * i}_{i:x}.jpg" for i in range(len(made))]
    lines = [f"{name}#{k}\t{text}" for name, (_, _, texts) in zip(names, made)
             for k, text in enumerate(texts)]
    (directory / "made.token.txt").write_text("\n".join(lines) + "\n")
    for split in SPLITS:
        (directory / f"made.{split}Images.txt").write_text(
            "".join(f"{name}\n" for name, image in zip(names, made) if image[0] == split))
    # The features are not in the order of the captions.
    order = sorted(range(len(made)), key=lambda i: names[i][::-1])
    np.save(directory / "features.npy", features[order])
    (directory / "image_ids.txt").write_text("".join(f"{names[i]}\n" for i in order))
    return directory


def write_coco(directory, seed=1):
    """As COCO's of 2014, every second image of the second file is a test image; one tensor an image."""
    directory.mkdir(parents=True)
    made, features = images(seed)
    tensors = {}
    for part, splits in (("train", {"train"}), ("val", {"dev", "test"})):
        chosen = [i for i, image in enumerate(made) if image[0] in splits]
        annotations = [{"image_id": 11 * i + 5, "id": 10 * i + k, "caption": text}
                       for i in chosen for k, text in enumerate(made[i][2])]
        (directory / f"captions_{part}2014.json").write_text(json.dumps({
            "images": [{"id": 11 * i + 5} for i in chosen], "annotations": annotations}))
        for i in chosen:
            tensors[f"COCO_{part}2014_{11 * i + 5:012}.jpg"] = ("F32", [WIDTH], features[i].tobytes())
    tap.write_tensors(directory / "features.safetensors", {}, tensors)
    return directory


class DataSet:
    """What is in such a directory of Flickr's kind, as a run with BASE sees it."""

    def __init__(self, directory, shortest=BASE["shortest"], longest=BASE["longest"],
                 minimum=BASE["minimum_count"]):
        texts = {}
        for line in (directory / "made.token.txt").read_text().splitlines():
            name, text = line.split("\t")
            texts.setdefault(name.split("#")[0], []).append(text.split())
        self.ids = (directory / "image_ids.txt").read_text().split()
        self.feature = dict(zip(self.ids, np.load(directory / "features.npy").astype(float)))
        lists = {split: set((directory / f"made.{split}Images.txt").read_text().split())
                 for split in SPLITS}
        self.images = {split: [i for i in self.ids if i in names] for split, names in lists.items()}
        self.texts = texts
        seen = {}
        for image in self.images["train"]:
            for word in sum(texts[image], []):
                seen[word] = seen.get(word, 0) + 1
        kept = [word for word, count in seen.items() if count >= minimum]
        self.words = ["<pad>", "<start>", "<end>", "<unk>"] + sorted(
            kept, key=lambda word: (-seen[word], word.encode()))
        self.number = {word: i for i, word in enumerate(self.words)}
        self.range = (shortest, longest)

    def captions(self, split):
        """[(image, words as numbers, with <start> and <end>)] within the range of lengths."""
        found = []
        for image in self.images[split]:
            for text in self.texts[image]:
                words = [START, *(self.number.get(word, UNKNOWN) for word in text), END]
                if self.range[0] <= len(words) <= self.range[1]:
                    found.append((image, words))
        return found


def read_weights(path):
    _, tensors = tap.read_tensors(path)
    return {name: np.frombuffer(data, dtype="<f4").reshape(shape).astype(float)
            for name, (_, shape, data) in tensors.items()}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Network:
    """The published equations, for one image at a time, in double."""

    def __init__(self, path, cell="lstm"):
        self.weight, self.cell = read_weights(path), cell
        prefix = "rnn.rnn." if "rnn.rnn.weight_ih_l0" in self.weight else "rnn."
        parts = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        self.ih, self.hh, self.b_ih, self.b_hh = (self.weight[prefix + part] for part in parts)

    def start(self, feature):
        hidden = self.hh.shape[1]
        x = self.weight["features.weight"] @ feature + self.weight["features.bias"]
        if "bn.weight" in self.weight:
            deviation = np.sqrt(self.weight["bn.running_var"] + 1e-5)
            x = ((x - self.weight["bn.running_mean"]) / deviation * self.weight["bn.weight"]
                 + self.weight["bn.bias"])
        return self.step(x, (np.zeros(hidden), np.zeros(hidden)))

    def say(self, word, state):
        return self.step(self.weight["embed.weight"][word], state)

    def step(self, x, state):
        """(the next state, log probabilities of the next word)"""
        h, c = state
        left, right = self.ih @ x + self.b_ih, self.hh @ h + self.b_hh
        if self.cell == "lstm":
            i, f, g, o = np.split(left + right, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        elif self.cell == "gru":
            (r, z, n), (hr, hz, hn) = np.split(left, 3), np.split(right, 3)
            z = sigmoid(z + hz)
            h = (1 - z) * np.tanh(n + sigmoid(r + hr) * hn) + z * h
        else:
            h = np.tanh(left + right)
        logits = self.weight["linear.weight"] @ h + self.weight["linear.bias"]
        top = logits.max()
        return (h, c), logits - top - math.log(np.exp(logits - top).sum())

    def nats(self, feature, words):
        """[(−log probability, is it the likeliest)] of every word."""
        state, log_p = self.start(feature)
        found = []
        for word in words:
            found.append((-log_p[word], int(log_p.argmax()) == word))
            state, log_p = self.say(word, state)
        return found

    def greedy(self, feature, most=20):
        state, _ = self.start(feature)
        word, said = START, []
        while len(said) < most:
            state, log_p = self.say(word, state)
            word = END + int(log_p[END:].argmax())
            if word == END:
                break
            said.append(word)
        return said

    def beam(self, feature, width, most=20, power=0.7):
        """Hypotheses are (log probability, words, state, last word)."""
        open_ones = [(0.0, [], self.start(feature)[0], START)]
        done = []
        while open_ones:
            found = []
            for total, said, state, last in open_ones:
                after, log_p = self.say(last, state)
                found += [(total + log_p[word], said, after, word)
                          for word in range(END, len(log_p))]
            found.sort(key=lambda it: -it[0])
            open_ones = []
            for total, said, state, word in found[:width]:
                longer = said if word == END else said + [word]
                if word == END or len(longer) == most:
                    done.append((total / (len(longer) + 1) ** power, longer))
                else:
                    open_ones.append((total, longer, state, word))
        return max(done, key=lambda it: it[0])[1]


def scores(candidates, references):
    """Scores of the corpus as metrics.csv names them; punctuation does not count."""
    def bare(text):
        return " ".join(word for word in text.split() if word not in PUNCTUATION)

    whole, _ = caption_scores.score({image: (bare(text), [bare(r) for r in references[image]])
                                     for image, text in candidates.items()})
    return {name.replace("bleu", "bleu_"): value for name, value in whole.items()}


def read_metrics(run, split="test"):
    """{metric: value} of the last rows of a split."""
    with open(run / "metrics.csv", newline="") as file:
        return {row["metric"]: float(row["value"]) for row in csv.DictReader(file)
                if row["split"] == split}


def read_captions(run):
    with open(run / "captions.csv", newline="") as file:
        return list(csv.DictReader(file))


def expect_near(found, expected, what, tolerance):
    assert math.isfinite(found), f"{what}: {found}"
    difference = abs(found - expected)
    assert difference <= tolerance * max(1, abs(expected)), f"{what}: {found}, expected {expected}"


def write_study(here, arms, seeds="4", name="study.yaml", **base):
    """tap.write_study without the options of trials."""
    lines = [f"seeds: [{seeds}]", f"base: {tap.mapping({**BASE, **base})}", "arms:"]
    lines += [f"  {arm}: {tap.mapping(options)}" for arm, options in arms.items()]
    path = here / name
    path.write_text("\n".join(lines) + "\n")
    return path
