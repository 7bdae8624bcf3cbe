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
};

/** Write its run.json, config.yaml, metrics.csv of three epochs, and drawings.csv if asked for. */
void make_run(const struct made_run *run);

/** Runs of seeds 1 … `seeds`, all done, with drawings. */
void make_arm(const char *study, const char *arm, const char *hash, const double *error,
              int seeds, bool similarity);

/** Where a run is: STUDY/arm-hash/seed, the arm's name reduced to what any path takes. In static
 * storage until the next call. */
const char *run_directory(const struct made_run *run);

/** Write a file of a run anew. */
void write_text(const char *directory, const char *name, const char *text);

#endif
