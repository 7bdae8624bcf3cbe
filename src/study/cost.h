/** @file
 * How long the runs of a study take: from those that have ended; until one has, from its arithmetic.
 */
#ifndef CCRNN_STUDY_COST_H
#define CCRNN_STUDY_COST_H

#include "study/run_record.h"
#include "study/study.h"

/** What is known; start with ccrnn_costs_create(). Not for several threads at once. */
struct ccrnn_costs;

/** @param[out] costs NULL on failure; borrows the study, whose arms may still learn their networks' sizes from
 * their data  @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_costs_create(const struct ccrnn_study *study, struct ccrnn_costs **costs,
                                     struct ccrnn_error *err);
void ccrnn_costs_destroy(struct ccrnn_costs *costs);

/** Floating-point operations of an epoch of an arm: its training and its validation, which only goes forward. Captions:
 * their number is known only when they are read, and is the same in all arms but for lengths and images, so a
 * thousand batches stand for it. */
double ccrnn_costs_work(const struct ccrnn_study *study, size_t arm);

/** The same of the test that ends a run. Captions: half an epoch stands for it. */
double ccrnn_costs_test_work(const struct ccrnn_study *study, size_t arm);

/** Reckon with so much work of an arm whose configuration is not known; 0 says nothing. */
void ccrnn_costs_give_work(struct ccrnn_costs *costs, size_t arm, double work);

/** A run of an arm took so many seconds for so many epochs and, if `tested`, its test; 0 epochs teach nothing. */
void ccrnn_costs_learn(struct ccrnn_costs *costs, size_t arm, double seconds, double epochs,
                       bool tested);

/** What run.json tells of a run that has ended; nothing if it has not. */
void ccrnn_costs_learn_record(struct ccrnn_costs *costs, size_t arm,
                              const struct ccrnn_run_record *record);

/** Seconds of an epoch of an arm. Its own runs tell; else the seconds a floating-point operation takes in those
 * of other arms; else 10⁻⁹ s each, which puts runs in order and is no estimate (`known` is false). */
double ccrnn_costs_epoch(const struct ccrnn_costs *costs, size_t arm, bool *known);

/** Seconds of the test of a run, known as an epoch is. */
double ccrnn_costs_test(const struct ccrnn_costs *costs, size_t arm);

/** Of every arm: seconds from the start of a run to the end of the longest chain of runs that branch from it.
 * @param[out] chain (arms) */
void ccrnn_costs_chains(const struct ccrnn_costs *costs, double *chain);

#endif
