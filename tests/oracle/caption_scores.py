#!/usr/bin/env python3
"""Caption scores by the book, for captions that are made up here.

    /usr/bin/python3 tests/oracle/caption_scores.py > tests/oracle/caption_scores.json
    /usr/bin/python3 tests/oracle/caption_scores.py --table > tests/oracle/caption_scores_table.h

The first is what `ccrnn verify` replays, the second what tests/unit/test_caption_scores.c compares with (it
also has the scores that such a file does not record). Python's standard library is enough. N-grams are
tuples in counters, vectors are dictionaries, and the common subsequence is found by recursion: slow, and
nothing like the C code.
"""
import functools
import json
import math
import sys
from collections import Counter
from fractions import Fraction

NOTE = "made by tests/oracle/caption_scores.py"
ORDERS = (1, 2, 3, 4)

# image: (candidate, references)
CAPTIONS = {
    "plain": ("a dog runs over the green field", [
        "a brown dog runs across the green field",
        "a dog is running over grass",
        "the dog runs over a field"]),
    "identical": ("two children play with a red ball", [
        "two children play with a red ball",
        "children playing ball"]),
    "only one reference": ("a man rides a bicycle down the street", [
        "a man on a bicycle rides down the busy street"]),
    "nothing in common": ("purple elephants sing quietly", [
        "a man climbs the rock wall",
        "the climber is on a steep cliff"]),
    "repeated words": ("the the the the dog dog runs the the dog", [
        "the dog runs to the other dog",
        "the the dog sees the dog",
        "dog dog dog"]),
    "repeated phrase": ("a red ball a red ball a red ball a red ball", [
        "a red ball and a red ball",
        "the child has a red ball a red ball"]),
    "one word": ("dog", [
        "a dog sits on the grass",
        "dog"]),
    "one word, wrong": ("cat", [
        "a dog sits on the grass"]),
    "two words": ("a dog", [
        "a dog",
        "a dog sits",
        "the dog"]),
    "three words": ("dog sits here", [
        "the dog sits here today",
        "dog sits"]),
    "empty": ("", [
        "two men are talking",
        "men talk on a bench"]),
    "empty reference": ("two men talk on a bench", [
        "",
        "two men are talking on a bench"]),
    "nothing at all": ("", [""]),
    "much too long": (" ".join(["a dog runs over the green field and"] * 4 + ["then it stops"]), [
        "a dog runs over the green field",
        "the dog stops"]),
    "much too short": ("a field", [
        "a very large crowd of people stands on a green field under the clear blue sky",
        "people stand on a field"]),
    "between two lengths": ("a man stands on the wall", [
        "a man is standing on the wall",
        "the man stands there now",
        "a man stands on top of the very old wall"]),
    "same words, other order": ("field green the over runs dog a", [
        "a dog runs over the green field"]),
    "same reference twice": ("a man sits on a bench", [
        "a man sits on a bench near the street",
        "a man sits on a bench near the street",
        "someone sits"]),
    "not ascii": ("un garçon mange une crêpe", [
        "un garçon mange une crêpe au café",
        "un garcon mange"]),
}


def words_of(sentence):
    return sentence.split()


def grams_of(words, n):
    return Counter(tuple(words[i:i + n]) for i in range(len(words) - n + 1))


def bleu_counts(candidate, references):
    """[(matches, guesses) for each order], length, closest reference length."""
    pairs = []
    for n in ORDERS:
        counts = grams_of(candidate, n)
        clip = Counter()
        for reference in references:
            clip |= grams_of(reference, n)
        pairs.append((sum((counts & clip).values()), sum(counts.values())))
    closest = min((abs(len(r) - len(candidate)), len(r)) for r in references)[1]
    return pairs, len(candidate), closest


def bleu(pairs, length, closest):
    ratio = (length + 1e-15) / (closest + 1e-9)
    brevity = 1.0 if ratio >= 1 else math.exp(1 - 1 / ratio)
    precisions = [(matches + 1e-15) / (guesses + 1e-9) for matches, guesses in pairs]
    return [brevity * math.exp(math.fsum(map(math.log, precisions[:n])) / n) for n in ORDERS]


def common(a, b):
    """Length of the longest common subsequence."""
    @functools.lru_cache(None)
    def of(i, j):
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + of(i + 1, j + 1)
        return max(of(i + 1, j), of(i, j + 1))

    return of(0, 0)


def rouge_l(candidate, references):
    shared = [(common(candidate, r), len(r)) for r in references]
    precision = max((Fraction(s, len(candidate)) for s, _ in shared if s), default=Fraction(0))
    recall = max((Fraction(s, length) for s, length in shared if s), default=Fraction(0))
    if precision == 0:
        return 0.0
    beta2 = Fraction(12, 10) ** 2
    return float((1 + beta2) * precision * recall / (recall + beta2 * precision))


def document_frequencies(corpus):
    found = Counter()
    for _, references in corpus:
        found.update({gram for r in references for n in ORDERS for gram in grams_of(r, n)})
    return found


def cosine(a, b, clipped):
    def norm(v):
        return math.sqrt(math.fsum(x * x for x in v.values()))

    if norm(a) == 0 or norm(b) == 0:
        return 0.0
    shared = a.keys() & b.keys()
    return math.fsum((min(a[g], b[g]) if clipped else a[g]) * b[g] for g in shared) / norm(a) / norm(b)


def cider(candidate, references, documents, images, d):
    """CIDEr, or with d CIDEr-D."""
    def vector(words, n):
        return {gram: count * math.log(images / max(1, documents[gram]))
                for gram, count in grams_of(words, n).items()}

    def bigrams(words):
        return sum(grams_of(words, 2).values())

    values = []
    for n in ORDERS:
        for reference in references:
            value = cosine(vector(candidate, n), vector(reference, n), clipped=d)
            if d:
                value *= math.exp(-(bigrams(candidate) - bigrams(reference)) ** 2 / (2 * 6 ** 2))
            values.append(value)
    return 10 * math.fsum(values) / len(values)


def mean(values):
    return math.fsum(values) / len(values)


def score(captions):
    """(scores of the corpus, [scores of each image])."""
    corpus = [(words_of(c), [words_of(r) for r in references]) for c, references in captions.values()]
    documents = document_frequencies(corpus)
    counts = [bleu_counts(*image) for image in corpus]
    each = []
    for image, counted in zip(corpus, counts):
        found = {f"bleu{n}": value for n, value in zip(ORDERS, bleu(*counted))}
        found["rouge_l"] = rouge_l(*image)
        found["cider"] = cider(*image, documents, len(corpus), d=False)
        found["cider_d"] = cider(*image, documents, len(corpus), d=True)
        each.append(found)
    pairs = [tuple(map(sum, zip(*(c[0][n - 1] for c in counts)))) for n in ORDERS]
    total = bleu(pairs, sum(c[1] for c in counts), sum(c[2] for c in counts))
    whole = {f"bleu{n}": value for n, value in zip(ORDERS, total)}
    whole |= {name: mean([e[name] for e in each]) for name in ("rouge_l", "cider", "cider_d")}
    return whole, each


def chosen(scores, names):
    return {name: scores[name] for name in names.split()}


def print_json(whole, each):
    json.dump({
        "note": NOTE,
        "references": {image: references for image, (_, references) in CAPTIONS.items()},
        "candidates": {image: candidate for image, (candidate, _) in CAPTIONS.items()},
        "expected": chosen(whole, "bleu1 bleu2 bleu3 bleu4 rouge_l cider_d"),
        "per_image": {image: chosen(scores, "bleu4 rouge_l cider_d")
                      for image, scores in zip(CAPTIONS, each)},
    }, sys.stdout, indent=1, ensure_ascii=False)
    print()


def c_scores(scores):
    bleus = ", ".join(repr(scores[f"bleu{n}"]) for n in ORDERS)
    return f"{{{{{bleus}}}, {scores['rouge_l']!r}, {scores['cider']!r}, {scores['cider_d']!r}}}"


def print_table(whole, each):
    most = max(len(references) for _, references in CAPTIONS.values())
    print(f"/* {NOTE[0].upper()}{NOTE[1:]}; do not edit. */")
    print("static const struct ccrnn_caption_score corpus_scores =")
    print(f"    {c_scores(whole)};\n")
    print("static const struct caption_case {")
    print("    const char *image, *candidate;")
    print(f"    const char *reference[{most}];")
    print("    struct ccrnn_caption_score score;")
    print("} caption_cases[] = {")
    for (image, (candidate, references)), scores in zip(CAPTIONS.items(), each):
        texts = ", ".join(json.dumps(r, ensure_ascii=False) for r in references)
        print(f'    {{"{image}", "{candidate}",\n     {{{texts}}},\n     {c_scores(scores)}}},')
    print("};")


if __name__ == "__main__":
    (print_table if sys.argv[1:] == ["--table"] else print_json)(*score(CAPTIONS))
