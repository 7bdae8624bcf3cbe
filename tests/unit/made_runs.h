/** @file
 * Made-up run directories for tests of the report.
 */
#ifndef CCRNN_TESTS_MADE_RUNS_H
#define CCRNN_TESTS_MADE_RUNS_H

#include <stdbool.h>

/** One run, in the scratch directory (scratch.h). */
struct made_run {
    const char *study, *arm, *hash; /* study: name of the directory in the scratch directory */
    int seed;
    const char *status;
    double error; /* training error at the last epoch; validation error is twice that */
    bool similarity, drawings;
    const char *task;    /* of config.yaml; NULL: an old run of line drawing */
    const char *horizon; /* NULL: not written */
    bool alone;          /* no cerebellum */
    bool unlucky;        /* some measures are nan */
    int epoch;           /* the last one, of run.json; 0: as the status says */
    const char *clip;    /* NULL: not written */
};

/** Classes and steps of the runs with a task. */
enum { MADE_CLASSES = 3, MADE_STEPS = 28 };

/** Write its run.json, config.yaml, metrics.csv of three epochs, and drawings.csv if asked for. */
void make_run(const struct made_run *run);

/** Runs of seeds 1 … `seeds`, all done, with drawings. */
void make_arm(const char *study, const char *arm, const char *hash, const double *error,
              int seeds, bool similarity);

/** Write a run of a task with every file and metric it has: drawings.csv or answers.csv,
 * images.csv; one trial a class. With e = `error`: the validation error (or loss) is 2(e + 3 − step),
 * on test data every measure is e, that of class k is e + k (sparc.0: nan), accuracy is 1/(1 + e);
 * of ten answers to a class, eight are right and two are the next class. */
void make_task_run(const struct made_run *run);

/** Runs of seeds 1 … `seeds` of a task, all done, of `arm` (hash "aa"), errors of seed 1, 2, …
 * being error, error + 0.5, …  */
void make_task_arm(const char *study, const char *arm, const char *task, const char *horizon,
                   double error, int seeds, bool alone);

/** Images of a run of captions, and positions of words it has a loss of. */
enum { MADE_IMAGES = 12, MADE_POSITIONS = 4 };

/** The scores of captions in the order in which they are numbered. */
extern const char *const made_scores[7];

/** Write a run of the task captions; `horizon` must be set. With e = `error`: validation bits per
 * word are 2(e + 3 − step), training ones e + 3 − step; on test data bits per word are e, at
 * position k e + k, with <start> 0.9 e, accuracy is 1/(1 + e); score m is e/10 + m/100, that of
 * length k is greater by k. Of image i the network says "<b>arm</b> & i", or nothing of image 3;
 * CIDEr-D is i/10, BLEU-4 i/100, and there are two references. Unlucky: all scores are nan. */
void make_caption_run(const struct made_run *run);

/** Where a run is: STUDY/arm-hash/seed, the arm's name reduced to what any path takes. In static
 * storage until the next call. */
const char *run_directory(const struct made_run *run);

/** Write a file of a run anew. */
void write_text(const char *directory, const char *name, const char *text);

#endif
