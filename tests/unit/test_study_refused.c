/* Study files that are refused, and with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/study.h"

static void assert_contains(const char *message, const char *fragment)
{
    if (strstr(message, fragment) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", fragment, message);
}

static void assert_refused(const char *text, size_t size,
                           const struct ccrnn_study_overrides *overrides,
                           enum ccrnn_status expected, const char *fragment)
{
    struct ccrnn_study somewhere, *study = &somewhere;
    struct ccrnn_error err = {.message = ""};
    const enum ccrnn_status status =
        ccrnn_study_parse(text, size, "s.yaml", overrides, &study, &err);
    if (status != expected)
        fail_msg("%s\nexpected %s, found %s: %s", text, ccrnn_status_name(expected),
                 ccrnn_status_name(status), err.message);
    assert_int_equal(err.status, expected);
    assert_null(study);
    assert_contains(err.message, fragment);
}

static void bad_overrides(void **state)
{
    (void)state;
    static const struct {
        const char *set, *seeds, *fragment;
    } cases[] = {
        {"epoch=3", NULL, "--set: unknown key 'epoch'; did you mean 'epochs'?"},
        {"epochs", NULL, "--set: expected key=value, found 'epochs'"},
        {"=3", NULL, "--set: expected key=value"},
        {"epochs=1.5", NULL, "--set: epochs: expected an integer"},
        {"epochs=", NULL, "found ''"},
        {"output_scale=2", NULL,
         "--set output_scale=2: output_scale has no effect in any arm: it is used only with "
         "cerebellum: fixed"},
        {"clip=separate", NULL, "clip: separate has no effect in any arm"},
        {"init_from_hash=1", NULL, "computed by the program"},
        {"epochs=1", "5..2", "--seeds: seeds: expected"},
        {"epochs=1", "", "--seeds: seeds: expected"},
        {"epochs=1", "1,1", "1 is there twice"},
    };
    static const char text[] = "arms: {a: {cerebellum: none}}\n";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct ccrnn_study_overrides overrides = {&cases[i].set, 1, cases[i].seeds, false};
        assert_refused(text, strlen(text), &overrides, CCRNN_USAGE, cases[i].fragment);
    }
    static const char *const set[] = {"init_from=/nonexistent/w.safetensors"};
    const struct ccrnn_study_overrides overrides = {set, 1, NULL, false};
    assert_refused(text, strlen(text), &overrides, CCRNN_IO, "init_from");
}

/* One bad line each; FORMAT: not a YAML file we read, USAGE: a wrong option. */
static const struct {
    enum ccrnn_status status;
    const char *text, *fragment;
} BAD[] = {
    {CCRNN_FORMAT, "", "s.yaml: the file is empty"},
    {CCRNN_FORMAT, "# only a comment\n", "s.yaml: the file is empty"},
    {CCRNN_FORMAT, "---\n", "found nothing"},
    {CCRNN_FORMAT, "- a\n", "s.yaml:1:1: expected `key: value` lines, found a list"},
    {CCRNN_FORMAT, "linedraw\n", "s.yaml:1:1: expected `key: value` lines, found 'linedraw'"},
    {CCRNN_FORMAT, "seeds: 1\n---\nseeds: 2\n", "s.yaml:2:1: a second YAML document"},
    {CCRNN_FORMAT, "seeds: 1\n---\n{", "not YAML"},
    {CCRNN_FORMAT, "base:\n  epochs: 1\n  epochs: 2\n",
     "s.yaml:3:3: 'epochs' is here twice, first in line 2"},
    {CCRNN_FORMAT, "arms:\n  a: {}\n  b: {}\n  a: {}\n", "s.yaml:4:3: 'a' is here twice"},
    {CCRNN_FORMAT, "seeds: 1\nseeds: 2\n", "s.yaml:2:1: 'seeds' is here twice"},
    {CCRNN_FORMAT, "arms: &a {b: *a}\n", "s.yaml:1:7: an alias loops"},
    {CCRNN_FORMAT, "seeds: &a [*a]\n", "s.yaml:1:8: an alias loops"},
    {CCRNN_FORMAT, "arms: {b: *nowhere}\n", "undefined alias"},
    {CCRNN_FORMAT, "base: &b {epochs: 1}\narms:\n  a:\n    <<: *b\n",
     "s.yaml:4:5: merge keys (<<) are not used here"},
    {CCRNN_FORMAT, "base: {epochs: !!int 5}\n", "s.yaml:1:16: tags such as '!!int'"},
    {CCRNN_FORMAT, "base: {epochs: !mine 5}\n", "tags such as"},
    {CCRNN_FORMAT, "base:\n\tepochs: 5\n", "s.yaml:2:1: not YAML: while scanning"},
    {CCRNN_FORMAT, "base:\n\tepochs: 5\n", "indent with spaces, not tabs"},
    {CCRNN_FORMAT, "base: {epochs: 5\n", "not YAML"},
    {CCRNN_FORMAT, "base:\n  epochs: 5\n cell: gru\n", "s.yaml:3:2: not YAML"},
    {CCRNN_FORMAT, "study: 'a\\\n", "not YAML"},
    {CCRNN_FORMAT, "study: \"a\\0b\"\n", "s.yaml:1:8: the text contains a zero byte"},
    {CCRNN_FORMAT, "seeds: 1\nstudy: \xff\n", "s.yaml:2:8: not YAML: invalid leading UTF-8"},
    {CCRNN_FORMAT, "seeds: 1\nstudy: \x07\n", "s.yaml:2:8: not YAML: control characters"},
    {CCRNN_FORMAT, "[a]: 1\n", "a key has to be a word"},
    {CCRNN_USAGE, "stdy: a\n", "s.yaml:1:1: unknown key 'stdy'; did you mean 'study'?"},
    {CCRNN_USAGE, "arm: {a: {}}\n", "did you mean 'arms'?"},
    {CCRNN_USAGE, "epochs: 5\n",
     "s.yaml:1:1: the option epochs does not belong at the top; put it under base:"},
    {CCRNN_USAGE, "base:\n  epoch: 5\n",
     "s.yaml:2:3: unknown key 'epoch'; did you mean 'epochs'?"},
    {CCRNN_USAGE, "arms:\n  a:\n    granules: 5\n", "s.yaml:3:5: unknown key 'granules'"},
    {CCRNN_USAGE, "base: {init_from_hash: a}\n", "computed by the program"},
    {CCRNN_USAGE, "base:\n  hidden: 1.5\n",
     "s.yaml:2:11: hidden: expected an integer from 1 to 16384, found '1.5'; write a whole"},
    {CCRNN_USAGE, "base: {learning_rate: 1e-3x}\n", "found '1e-3x'"},
    {CCRNN_USAGE, "base: {hidden: 010}\n", "leave out the leading zeros"},
    {CCRNN_USAGE, "base:\n  learning_rate: 1,5\n", "'.' as the decimal point"},
    {CCRNN_USAGE, "base: {learning_rate: .5}\n", "write a digit before the decimal point"},
    {CCRNN_USAGE, "base: {hidden: 0x10}\n", "write it in decimal"},
    {CCRNN_USAGE, "base: {hidden: 0}\n", "choose a value within the range"},
    {CCRNN_USAGE, "base: {hidden: \"50\"}\n",
     "found the quoted text \"50\"; leave out the quotes"},
    {CCRNN_USAGE, "base: {feedback: no}\n", "expected one of predicted, off, found 'no'"},
    {CCRNN_USAGE, "base:\n  hidden:\n", "s.yaml:2:10: hidden: expected an integer"},
    {CCRNN_USAGE, "base:\n  hidden:\n", "found nothing; write one value after the colon"},
    {CCRNN_USAGE, "base: {hidden: [1, 2]}\n", "list them under sweep:"},
    {CCRNN_USAGE, "base: {hidden: {a: 1}}\n", "found a mapping"},
    {CCRNN_USAGE, "base: {checkpoint_epochs: [1, 2.5]}\n", "s.yaml:1:31: checkpoint_epochs"},
    {CCRNN_USAGE, "base: {checkpoint_epochs: [2, 1]}\n", "rising order"},
    {CCRNN_USAGE, "base: {checkpoint_epochs: [[1]]}\n", "found a list"},
    {CCRNN_USAGE, "base: {train_size: 810}\narms: {a: {}}\n",
     "s.yaml:2:8: arm 'a': train_size: expected a multiple of batch, 50, found 810"},
    {CCRNN_USAGE, "base: [epochs]\n", "s.yaml:1:7: base: expected options"},
    {CCRNN_USAGE, "arms:\n", "arms: expected at least one"},
    {CCRNN_USAGE, "arms: {}\n", "found none"},
    {CCRNN_USAGE, "arms: [a, b]\n", "found a list"},
    {CCRNN_USAGE, "arms: {a: 5}\n", "s.yaml:1:11: a: expected options as `key: value`"},
    {CCRNN_USAGE, "arms: {a/b: {}}\n", "s.yaml:1:8: arms: expected a name"},
    {CCRNN_USAGE, "arms: {../a: {}}\n", "expected a name"},
    {CCRNN_USAGE, "arms: {\"\": {}}\n", "expected a name"},
    {CCRNN_USAGE, "arms: {\"a \": {}}\n", "expected a name"},
    {CCRNN_USAGE, "arms: {-a: {}}\n", "expected a name"},
    {CCRNN_USAGE, "arms: {\"a\\nb\": {}}\n", "expected a name"},
    {CCRNN_USAGE, "arms: {caf\xc3\xa9: {}}\n", "expected a name"},
    {CCRNN_USAGE, "arms: {a b: {}, a_b: {}}\n", "would share one directory"},
    {CCRNN_USAGE, "study: a/b\n", "s.yaml:1:8: study: expected a name"},
    {CCRNN_USAGE, "study:\n", "study: expected a name"},
    {CCRNN_USAGE, "study: [a]\n", "found a list"},
    {CCRNN_USAGE, "description: [a]\n", "description: expected a text, found a list"},
    {CCRNN_USAGE, "seeds: []\n", "s.yaml:1:8: seeds: expected at least one, found none"},
    {CCRNN_USAGE, "seeds:\n", "found nothing; write 1..10"},
    {CCRNN_USAGE, "seeds: {a: 1}\n", "found a mapping"},
    {CCRNN_USAGE, "seeds: [1, 2, 1]\n", "seeds: 1 is there twice"},
    {CCRNN_USAGE, "seeds: [1..3, 2]\n", "seeds: 2 is there twice"},
    {CCRNN_USAGE, "seeds: 10..1\n", "write the smaller end first"},
    {CCRNN_USAGE, "seeds: 1...3\n", "write a range as 1..10"},
    {CCRNN_USAGE, "seeds: 1-3\n", "found '1-3'"},
    {CCRNN_USAGE, "seeds: [1, 2.5]\n", "s.yaml:1:12: seeds:"},
    {CCRNN_USAGE, "seeds: -1\n", "found '-1'"},
    {CCRNN_USAGE, "seeds: '1..3'\n", "found the quoted text"},
    {CCRNN_USAGE, "seeds: 0..100000\n", "at most 100000"},
    {CCRNN_USAGE, "seeds: 0..9007199254740991\n", "at most 100000"},
    {CCRNN_USAGE, "seeds: 9007199254740992\n", "choose smaller seeds"},
    {CCRNN_USAGE, "seeds: [18446744073709551616]\n", "expected integers"},
    {CCRNN_USAGE, "arms:\n  cRNN: {cerebellum: none, granule_units: 5}\n",
     "s.yaml:2:28: granule_units has no effect in arm 'cRNN': it is used only with a cerebellum"},
    {CCRNN_USAGE, "base: {cerebellum: none}\narms: {a: {feedback: off}}\n",
     "feedback has no effect in arm 'a'"},
    {CCRNN_USAGE, "arms: {a: {output_scale: 1}}\n", "only with cerebellum: fixed"},
    {CCRNN_USAGE, "arms: {a: {cerebellum: fixed, cerebellar_loss: sum}}\n",
     "only with cerebellum: learning"},
    {CCRNN_USAGE, "arms: {a: {feedback: off, feedback_scale: 1}}\n", "feedback: predicted"},
    {CCRNN_USAGE, "arms: {a: {feedback: off, terminal_feedback: zero}}\n", "feedback: predicted"},
    {CCRNN_USAGE, "arms: {a: {clip: none, clip_norm: 1}}\n", "clip: joint or separate"},
    {CCRNN_USAGE, "arms: {a: {cerebellum: none, clip: separate}}\n",
     "clip: separate has no effect in arm 'a': it is used only with cerebellum: learning, and "
     "says the same as joint"},
    {CCRNN_USAGE, "arms: {a: {horizon: full, update: segment}}\n", "shorter than the sequence"},
    {CCRNN_USAGE, "arms: {a: {granule_layers: 0, granule_units: 5}}\n",
     "granule_layers: 1 or more"},
    {CCRNN_USAGE, "sweep: [horizon]\n", "sweep: expected `option: [values]`, found a list"},
    {CCRNN_USAGE, "sweep: {horizon: 3}\n", "horizon: expected a list of values"},
    {CCRNN_USAGE, "sweep: {horizon: []}\n", "found an empty one"},
    {CCRNN_USAGE, "sweep: {horizon: [1, 3, 1]}\n", "s.yaml:1:25: sweep: horizon has the value 1"},
    {CCRNN_USAGE, "sweep: {horizons: [1]}\n", "did you mean 'horizon'?"},
    {CCRNN_USAGE, "sweep: {horizon: [1, x]}\n", "s.yaml:1:22: horizon: expected"},
    {CCRNN_USAGE, "sweep: {checkpoint_epochs: [1]}\n", "cannot be swept"},
    {CCRNN_USAGE, "sweep: {horizon: [1]}\narms: {a: {horizon: 2}}\n",
     "s.yaml:2:12: horizon is set in arm 'a' and in sweep:"},
    {CCRNN_USAGE, "sweep: {output_scale: [1, 2]}\n",
     "s.yaml:1:9: sweep: output_scale has no effect in any arm"},
    {CCRNN_USAGE, "sweep: {horizon: [1, 11]}\narms: {a: {}}\n",
     "s.yaml:2:8: arm 'a horizon=11': horizon: expected at most the number of steps, 10"},
    {CCRNN_USAGE, "sweep: {learning_rate: [0.1, 1e-1]}\n",
     "learning_rate has the value 1e-1 twice"},
    {CCRNN_IO, "base:\n  init_from: /nonexistent/w.safetensors\n", "s.yaml:2:14: init_from"},
};

/* Ranges, zipped keys and random search: what each can have wrong, and where it is said to be. */
static const struct {
    const char *text, *fragment;
} BAD_GRIDS[] = {
    {"sweep: {hidden: {from: 1}}\n", "s.yaml:1:17: sweep: hidden: a range needs from: and to:"},
    {"sweep: {hidden: {}}\n", "a range needs from: and to:"},
    {"sweep: {hidden: {from: 1, to: 5}}\n",
     "s.yaml:1:17: sweep: hidden: how many values lie between from: and to:? write count: or step:"},
    {"sweep:\n  hidden: {from: 1, to: 5, setp: 1}\n",
     "s.yaml:2:28: sweep: hidden: a range has no 'setp'; its words are from, to, step or count, "
     "scale; did you mean 'step'?"},
    {"random: {cuont: 2, hidden: {from: 1, to: 2}}\n",
     "s.yaml:1:10: unknown key 'cuont'; did you mean 'count'?"},
    {"quick: {sedes: 1..2}\n", "s.yaml:1:9: unknown key 'sedes'; did you mean 'seeds'?"},
    {"sweep: {hidden: {from: 1, to: 5, step: 2, count: 3}}\n",
     "s.yaml:1:50: sweep: hidden: step and count say the same in two ways"},
    {"sweep: {hidden: {from: 5, to: 1, step: 1}}\n",
     "s.yaml:1:24: sweep: hidden: expected from: below to:, found 5 and 1"},
    {"sweep: {hidden: {from: 5, to: 5, count: 2}}\n",
     "write the smaller end first, one value as [50]"},
    {"sweep: {hidden: {from: 1, to: 20000, count: 2}}\n",
     "s.yaml:1:31: hidden: expected an integer from 1 to 16384, found '20000'"},
    {"sweep: {hidden: {from: 1.5, to: 3, count: 2}}\n",
     "s.yaml:1:24: hidden: expected an integer"},
    {"sweep: {horizon: {from: 1, to: full, count: 2}}\n",
     "s.yaml:1:32: sweep: horizon: expected a number of at most 15 digits as an end of the range, "
     "found 'full'; words go into a list"},
    {"sweep: {hidden: {from: '1', to: 5, count: 2}}\n",
     "found the quoted text \"1\"; write it without"},
    {"sweep: {hidden: {from: 1, to: [5], count: 2}}\n", "found a list; write it without quotes"},
    {"sweep: {feedback_scale: {from: 0.1234567890123456, to: 5, count: 2}}\n",
     "at most 15 digits"},
    {"sweep: {hidden: {from: 1, to: 5, count: 1}}\n",
     "s.yaml:1:41: sweep: hidden: count: expected an integer from 2 (both ends are values) to 10000, "
     "found '1'; write one value as [50]"},
    {"sweep: {hidden: {from: 1, to: 5, count: 0}}\n", "found '0'"},
    {"sweep: {hidden: {from: 1, to: 5, count: 10001}}\n", "found '10001'; split the study"},
    {"sweep: {hidden: {from: 1, to: 5, count: 2.5}}\n", "count: expected an integer"},
    {"sweep: {hidden: {from: 10, to: 50, count: 4}}\n",
     "4 values at even distances from 10 to 50 are not all whole numbers; write count: 3, a step:"},
    {"sweep: {hidden: {from: 10, to: 55, step: 10}}\n",
     "s.yaml:1:17: sweep: hidden: both ends are values, and from 10 in steps of 10 there is no 55; "
     "choose another step, or to: 50 or 60"},
    {"sweep: {feedback_scale: {from: 0.1, to: 0.55, step: 0.1}}\n", "or to: 0.5 or 0.6"},
    {"sweep: {hidden: {from: 1, to: 5, step: 0}}\n",
     "step: expected a whole number above 0, found '0'"},
    {"sweep: {hidden: {from: 1, to: 5, step: -1}}\n", "found '-1'"},
    {"sweep: {hidden: {from: 1, to: 5, step: 0.5}}\n", "step: expected a whole number"},
    {"sweep: {feedback_scale: {from: 1, to: 5, step: x}}\n", "step: expected a number above 0"},
    {"sweep: {hidden: {from: 1, to: 16384, step: 1}}\n",
     "expected at most 10000 values, found 16384; choose a larger step"},
    {"sweep: {hidden: {from: 1, to: 5, count: 3, scale: lin}}\n",
     "s.yaml:1:51: sweep: hidden: scale: expected linear or log, found 'lin'"},
    {"sweep: {hidden: {from: 1, to: 5, step: 2, scale: log}}\n", "write count: instead"},
    {"sweep: {feedback_scale: {from: 0, to: 5, count: 3, scale: log}}\n",
     "s.yaml:1:32: sweep: feedback_scale: expected from: above 0 with scale: log, found 0"},
    {"sweep: {feedback_scale: {from: 1, to: 1.001, count: 30, scale: log}}\n",
     "some are the same when rounded to 4 digits; choose a smaller count"},
    {"sweep: {feedback_scale: {from: 1e-12, to: 1000.5, count: 3}}\n",
     "would have more than 15 digits; round from: and to:"},
    {"sweep: {feedback_scale: {from: 1e-12, to: 1000.5, step: 0.1}}\n",
     "round from:, to: and step:"},
    {"sweep: {cell: {from: 1, to: 5, count: 3}}\n",
     "s.yaml:1:15: sweep: cell is no number, so that it has no range; list its values"},
    {"sweep: {hidden: {from: 1, to: 5, count: 3}}\nzip: {hidden: [1, 2], batch: [1, 2]}\n",
     "s.yaml:2:7: hidden is in zip: and in sweep: too, in line 1; remove one of them"},
    {"zip:\n  - {hidden: [1, 2], batch: [1, 2]}\n  - {cell: [gru, lstm], batch: [1, 2]}\n",
     "s.yaml:3:25: batch is in zip: and in zip: too, in line 2"},
    {"zip: {hidden: [1, 2], batch: [1, 2]}\nrandom: {count: 2, hidden: [1, 2]}\n",
     "s.yaml:2:20: hidden is in random: and in zip: too, in line 1"},
    {"arms:\n  a: {hidden: 3}\nzip: {hidden: [1, 2], batch: [1, 2]}\n",
     "s.yaml:2:7: hidden is set in arm 'a' and in zip: too; remove one of them"},
    {"arms:\n  a: {hidden: 3}\nrandom: {count: 1, hidden: [1, 2]}\n",
     "s.yaml:2:7: hidden is set in arm 'a' and in random: too"},
    {"zip: [hidden]\n", "s.yaml:1:7: zip: expected keys that go together"},
    {"zip: 3\n", "zip: expected keys that go together, such as"},
    {"zip: []\n", "found an empty list; leave zip: out"},
    {"zip: {}\n", "zip: expected two keys or more that go together, found 0"},
    {"zip: {hidden: [1, 2]}\n", "found 1; a key by itself goes under sweep:"},
    {"zip:\n  hidden: [1, 2, 3]\n  batch: [1, 2]\n",
     "s.yaml:3:10: zip: batch has 2 values, and hidden in line 2 has 3; keys that go together need"},
    {"zip: {hidden: {from: 1, to: 3, count: 4, scale: log}, batch: [1, 2, 3, 4]}\n",
     "batch has 4 values, and hidden in line 1 has 3"},
    {"zip: {hidden: [1, 2, 1], batch: [1, 2, 1]}\n",
     "s.yaml:1:6: zip: values number 1 and 3 are the same for all its keys; remove one of each"},
    {"zip: {hidden: [], batch: []}\n", "zip: hidden: expected a list of values"},
    {"zip: {hidden: [1, 2], batch: 3}\n", "zip: batch: expected a list of values"},
    {"zip: {hiden: [1, 2], batch: [1, 2]}\n",
     "s.yaml:1:7: unknown key 'hiden'; did you mean 'hidden'?"},
    {"zip: {record_epochs: [1, 2], batch: [1, 2]}\n", "zip: record_epochs is itself a list"},
    {"zip: {hidden: [1, x], batch: [1, 2]}\n", "s.yaml:1:19: hidden: expected an integer"},
    {"zip: {hidden: [1, 2], output_scale: [1, 2]}\n",
     "s.yaml:1:23: zip: output_scale has no effect in any arm"},
    {"zip: {hidden: [1, 2], horizon: [3, 30]}\narms: {a: {}}\n",
     "s.yaml:2:8: arm 'a hidden=2 horizon=30': horizon: expected at most the number of steps, 10"},
    {"random: [hidden]\n",
     "s.yaml:1:9: random: expected `count: 20` and options with their ranges"},
    {"random: {hidden: [1, 2]}\n", "s.yaml:1:9: random: how many draws? write count: 20"},
    {"random: {count: 3}\n", "random: there is nothing to draw"},
    {"random: {count: 3, seed: 3}\n", "random: there is nothing to draw"},
    {"random: {count: 0, hidden: [1, 2]}\n",
     "s.yaml:1:17: random: count: expected an integer from 1 to 10000, found '0'"},
    {"random: {count: 10001, hidden: [1, 2]}\n", "found '10001'; split the study"},
    {"random: {count: -1, hidden: [1, 2]}\n", "found '-1'"},
    {"random: {count: [3], hidden: [1, 2]}\n", "found a list"},
    {"random: {count: 2, seed: -3, hidden: [1, 2]}\n",
     "s.yaml:1:26: random: seed: expected an integer from 0 to 9007199254740991, found '-3'"},
    {"random: {count: 2, seed: 9007199254740992, hidden: [1, 2]}\n", "random: seed: expected"},
    {"random: {count: 3, hidden: [1, 2]}\n",
     "s.yaml:1:17: random: count: after 2 draws, 1000 more only repeat them; write count: 2"},
    {"random: {count: 2, hidden: [1, 1]}\n", "random: hidden has the value 1 twice"},
    {"random: {count: 2, hidden: 5}\n", "random: hidden: expected a list of values"},
    {"random: {count: 2, hidden: {from: 5, to: 1}}\n",
     "random: hidden: expected from: below to:"},
    {"random: {count: 2, learning_rate: {from: 0, to: 1}}\n",
     "s.yaml:1:42: learning_rate: expected a number above 0"},
    {"random: {count: 2, feedback_scale: {from: 0, to: 1, scale: log}}\n",
     "above 0 with scale: log"},
    {"random: {count: 2, feedback_scale: {from: 1e-12, to: 1000.5}}\n",
     "too far apart for an even draw"},
    {"random: {count: 2, cell: {from: 1, to: 2}}\n", "random: cell is no number"},
    {"random: {count: 2, checkpoint_epochs: [1, 2]}\n",
     "random: checkpoint_epochs is itself a list"},
    {"random: {count: 2, lerning_rate: {from: 1, to: 2}}\n", "did you mean 'learning_rate'?"},
    {"random: {count: 2, output_scale: {from: 1, to: 2}}\n",
     "s.yaml:1:20: random: output_scale has no effect in any arm"},
    {"random: {count: 101, hidden: {from: 1, to: 999}}\nsweep: {batch: {from: 10, to: 1000, count: 100}}\n",
     "s.yaml:1:17: random: crossed with 1 arms this makes more than 10000; split the study"},
    {"random: {count: 2, hidden: {from: 1, to: 9}}\nquick: {random: {count: 3}}\n",
     "s.yaml:2:25: quick: random: count: expected an integer from 1 to 2, found '3'"},
    {"random: {count: 2, hidden: {from: 1, to: 9}}\nquick: {random: {count: 1, seed: 3}}\n",
     "quick: random: expected {count: 5} alone"},
    {"random: {count: 2, hidden: {from: 1, to: 9}}\nquick: {random: 1}\n",
     "expected {count: 5} alone"},
    {"quick: {random: {count: 1}}\n", "s.yaml:1:17: quick: random: this study draws nothing"},
    {"zip: {hidden: [1, 2], batch: [1, 2]}\nquick: {zip: {hidden: [1], batch: [1]}}\n",
     "s.yaml:2:9: quick: zip: keeps its values together and cannot be replaced"},
    {"sweep: {hidden: [1, 2]}\nquick: {sweep: {hidden: {from: 1, to: 3, step: 3}}}\n",
     "s.yaml:2:25: quick: sweep: hidden: both ends are values"},
    {"base: {task: captions, captions: flickr}\narms:\n  a: {}\nsweep: {features: [a/b, a_b]}\n",
     "s.yaml:3:3: two arms would have the name 'a features=a_b'; rename an arm"},
};

static void bad_grids(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD_GRIDS / sizeof BAD_GRIDS[0]; i++)
        assert_refused(BAD_GRIDS[i].text, strlen(BAD_GRIDS[i].text), NULL, CCRNN_USAGE,
                       BAD_GRIDS[i].fragment);
    static const char zip[] = "zip: {hidden: [1, 2], batch: [1, 2]}\nquick: {hidden: 3}\n";
    const struct ccrnn_study_overrides quick = {.quick = true};
    assert_refused(zip, strlen(zip), &quick, CCRNN_USAGE,
                   "s.yaml:2:9: quick: hidden: 3: zip: has no place");
    static const char *const set[] = {"hidden=3"};
    const struct ccrnn_study_overrides overrides = {set, 1, NULL, false};
    assert_refused(zip, strlen(zip), &overrides, CCRNN_USAGE,
                   "--set hidden=3: zip: has no place with this");
}

static void bad_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_refused(BAD[i].text, strlen(BAD[i].text), NULL, BAD[i].status, BAD[i].fragment);
    static const char zero[] = "study: a\0b\n";
    assert_refused(zero, sizeof zero - 1, NULL, CCRNN_FORMAT, "s.yaml:1:9: not YAML");
}

/* Append `count` times `format` with a number. */
static char *repeat(const char *before, const char *format, size_t count, const char *after)
{
    char *const text = malloc(strlen(before) + count * (strlen(format) + 20) + strlen(after) + 1);
    if (text == NULL)
        abort();
    strcpy(text, before);
    char *end = text + strlen(text);
    for (size_t i = 0; i < count; i++)
        end += sprintf(end, format, i); /* the formats are literals of this file */
    strcpy(end, after);
    return text;
}

static void assert_big_refused(char *text, enum ccrnn_status status, const char *fragment)
{
    assert_refused(text, strlen(text), NULL, status, fragment);
    free(text);
}

static void too_much(void **state)
{
    (void)state;
    assert_big_refused(repeat("arms:\n", "  a%zu: {}\n", 10001, ""), CCRNN_USAGE,
                       "arms: expected at most 10000, found 10001");
    assert_big_refused(repeat("sweep:\n  hidden: [", "1%zu, ", 200,
                              "]\n  interval: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
                              "  epochs: [1, 2, 3, 4, 5, 6]\n"),
                       CCRNN_USAGE, "this makes more than 10000; split the study");
    assert_big_refused(repeat("seeds: 1..100000\narms:\n", "  a%zu: {}\n", 11, ""), CCRNN_USAGE,
                       "11 arms of 100000 seeds are 1100000 runs, more than 1000000");
    assert_big_refused(repeat("description: '", "%zu ", 300000, "'\n"), CCRNN_FORMAT,
                       "expected at most 1048576 bytes");
    assert_big_refused(repeat("description: '", "%zu ", 3000, "'\n"), CCRNN_USAGE,
                       "description: expected at most 4000 bytes");
    assert_big_refused(repeat("study: a", "%zu", 100, "\n"), CCRNN_USAGE, "at most 100 letters");
    assert_big_refused(repeat("base: ", "[", 70, ""), CCRNN_FORMAT, "not YAML");
    assert_big_refused(
        repeat("base: &a0 []\nx0: ", "&b%zu [", 70,
               "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"),
        CCRNN_FORMAT, "nested deeper than 64 levels");
    /* a name of 97 letters, longer than 200 with three swept keys */
    char name[300] = "arms:\n  ";
    memset(name + strlen(name), 'a', 97);
    strcat(name, ": {}\nsweep: {input_noise: [0.123456789012345678901234567890], "
                 "feedback_scale: [0.123456789012345678901234567890], "
                 "learning_rate: [0.123456789012345678901234567890]}\n");
    assert_refused(name, strlen(name), NULL, CCRNN_USAGE, "longer than 200 bytes");
}

/* Each level holds ten of the level below: refused at once, not expanded. */
static void billion_laughs(void **state)
{
    (void)state;
    assert_big_refused(
        strdup("a0: &a0 [x, x]\na1: &a1 [*a0, *a0, *a0, *a0, *a0, *a0]\n"
               "a2: &a2 [*a1, *a1, *a1, *a1, *a1, *a1]\na3: &a3 [*a2, *a2, *a2, *a2, *a2, *a2]\n"
               "a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3]\na5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4]\n"
               "a6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5]\na7: &a7 [*a6, *a6, *a6, *a6, *a6, *a6]\n"
               "a8: &a8 [*a7, *a7, *a7, *a7, *a7, *a7]\na9: &a9 [*a8, *a8, *a8, *a8, *a8, *a8]\n"
               "seeds: *a9\n"),
        CCRNN_USAGE, "unknown key 'a0'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_overrides),  cmocka_unit_test(bad_files),
        cmocka_unit_test(bad_grids),      cmocka_unit_test(too_much),
        cmocka_unit_test(billion_laughs),
    };
    return cmocka_run_group_tests_name("study_refused", tests, NULL, NULL);
}
