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

/** The session ended after this epoch with `status`: make record.h5 of all epochs up to it, whether the run is
 * complete, was asked to stop or became NaN. Of one that failed the parts wait for the next session. NULL is fine.
 * @param[in,out] err holds the session's message if there is one; replaced if the record fails
 * @return status, or the failure of the record */
enum ccrnn_status ccrnn_recorder_finish(struct ccrnn_recorder *recorder, uint64_t epoch,
                                        enum ccrnn_status status, struct ccrnn_error *err);

/** Tell the listener of a run that is complete if it was not recorded and is asked to be: recording is no part of
 * the hash, so it may be asked for too late. */
void ccrnn_recorder_note_complete(const struct ccrnn_run *run);

/** NULL is fine. */
void ccrnn_recorder_close(struct ccrnn_recorder *recorder);

#endif
