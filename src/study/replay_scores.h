/** @file
 * Replaying recorded caption scores: what `ccrnn verify` does with a .json file.
 *
 * The file is one object with exactly these keys:
 *   note         a text
 *   references   {image: [sentence, …], …}, at least one sentence an image
 *   candidates   {image: sentence, …}
 *   expected     {bleu1, bleu2, bleu3, bleu4, rouge_l, cider_d}: of all images together
 *   per_image    {image: {bleu4, rouge_l, cider_d}, …}
 * with the same images in the three objects, and sentences as ccrnn_scored_caption wants them.
 * Every number must agree to 1e-6, absolute.
 */
#ifndef CCRNN_STUDY_REPLAY_SCORES_H
#define CCRNN_STUDY_REPLAY_SCORES_H

#include <stdbool.h>

#include "study/replay.h"

/** True if a file of this name holds caption scores: it ends in ".json". */
bool ccrnn_replay_is_scores(const char *path);

/** Replay one file. Rows: `expected/<score>`, then `per_image/<score>` with the largest difference
 * over the images; one that failed also names the image. A file that cannot be replayed (not such
 * an object; a key missing, misspelt or too much) is a case that failed, with its reason: the
 * status is CCRNN_OK then too.
 * @param[out] replay release with ccrnn_replay_release(); `images` says how many there were
 * @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_replay_scores(const char *path, struct ccrnn_replay *replay,
                                      struct ccrnn_error *err);

#endif
