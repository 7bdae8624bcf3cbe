/** @file
 * Recording a run: a part file an epoch while it goes on, one record.h5 when its session ends.
 *
 * A part is written whole, and before the checkpoint of its epoch. A run that goes on removes the parts of epochs
 * after its checkpoint, whose epochs it will see again; so a kill at any moment changes nothing of what is
 * recorded in the end. record.h5 is made of the parts, and of the record.h5 of earlier sessions, when the session
 * ends, well or by Ctrl-C; then the parts go.
 */
#ifndef CCRNN_STUDY_RECORDER_H
#define CCRNN_STUDY_RECORDER_H

#include "study/record.h"
#include "study/run.h"

struct ccrnn_recorder;

/** Begin, or go on after `epoch`; records that epoch if it is wanted and not there. A run that is at its
 * beginning (epoch 0) forgets what earlier sessions recorded.
 * @param[in] run, network kept by pointer
 * @param[out] recorder NULL if the run records nothing, and on failure
 * @return CCRNN_USAGE: earlier sessions recorded something else; CCRNN_FORMAT: what they left is damaged;
 *         CCRNN_IO, CCRNN_MEMORY, CCRNN_UNSUPPORTED */
enum ccrnn_status ccrnn_recorder_begin(const struct ccrnn_run *run, struct ccrnn_network *network,
                                       uint64_t epoch, struct ccrnn_recorder **recorder,
                                       struct ccrnn_error *err);

/** After an epoch, before its checkpoint: record it if it is wanted. NULL is fine. */
enum ccrnn_status ccrnn_recorder_epoch(struct ccrnn_recorder *recorder, uint64_t epoch,
                                       struct ccrnn_error *err);

/** Make record.h5 of all epochs up to this one. NULL is fine. */
enum ccrnn_status ccrnn_recorder_finish(struct ccrnn_recorder *recorder, uint64_t epoch,
                                        struct ccrnn_error *err);

/** NULL is fine. */
void ccrnn_recorder_close(struct ccrnn_recorder *recorder);

#endif
