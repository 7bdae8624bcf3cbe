/** @file
 * What an experimenter does to a network: cut its parts, hold them fixed, disturb what the cerebellum sends.
 *
 * An intervention is in force from the call that sets it until the call that ends it. Which units or fibres a
 * graded one takes is drawn from the network's seed and the kind alone, so a share of 0.3 holds the
 * units of a share of 0.2. Nothing that is cut forgets: its weights and moments stay as they were, and learning
 * goes on from them when the intervention ends.
 */
#ifndef CCRNN_INTERVENTION_H
#define CCRNN_INTERVENTION_H

#include "ccrnn/network.h"

/** Symbols as in network.h. "Frozen" weights do not change, and their gradients have no part in the norm that
 * clips the others. */
enum ccrnn_intervention_kind {
    CCRNN_INTERVENTION_NONE,
    /** Takes the way of all the others and changes nothing: a control. */
    CCRNN_INTERVENTION_SHAM,
    /** Cerebellar lesion: output units (deep nuclei) send nothing and learn nothing. Of all of them: plain
     * truncated learning. */
    CCRNN_INTERVENTION_CEREBELLUM,
    /** Inferior-olive lesion: output units go on talking without a teaching signal, their weights frozen. Of
     * all of them: the whole cerebellum stops learning. */
    CCRNN_INTERVENTION_OLIVE,
    /** Cortical units whose incoming weights are frozen; the readout learns on. */
    CCRNN_INTERVENTION_CORTEX,
    /** Readout units whose weights are frozen. */
    CCRNN_INTERVENTION_READOUT,
    /** Mossy-fibre cut: connections from the cortical state to the cerebellum's first map carry nothing and
     * learn nothing. */
    CCRNN_INTERVENTION_MOSSY,
    /** Granule units, a share of each layer, are silent and learn nothing. */
    CCRNN_INTERVENTION_GRANULE,
    /** What reaches the cortex is scaled, noisy or late; the cerebellum learns as before. */
    CCRNN_INTERVENTION_FEEDBACK,
    CCRNN_INTERVENTION_COUNT
};

struct ccrnn_intervention {
    enum ccrnn_intervention_kind kind;
    double
        share; /**< of units or fibres, (0, 1]; rounded to the nearest number, at least 1. CEREBELLUM, OLIVE,
                       CORTEX, READOUT, MOSSY, GRANULE */
    /* FEEDBACK: */
    double gain; /**< ≥ 0: feedback_scale is multiplied by this; 1 changes nothing */
    double
        noise; /**< ≥ 0: standard deviation of Gaussian noise on ĝ, in units of the root mean square of
                       the ĝ of that boundary's batch */
    size_t
        delay; /**< segments: the cortex gets ĝ_{i−delay} at boundary i, and nothing before there is one */
};

#ifdef __cplusplus
extern "C" {
#endif

/** "none", "sham", "cerebellum", … (static storage); NULL past the last. */
CCRNN_API const char *ccrnn_intervention_name(enum ccrnn_intervention_kind kind);

/** Set the intervention in force, in place of the one before; kind NONE or NULL ends it. Takes memory, so
 * not for the inside of a training loop; the same intervention again costs nothing.
 * @return CCRNN_USAGE: a number out of its range, or a part the network does not have (a cerebellum
 * or granule layer that is not there, an olive where nothing learns); CCRNN_MEMORY. The intervention of before
 * is then still in force */
CCRNN_API enum ccrnn_status ccrnn_network_intervene(struct ccrnn_network *network,
                                                    const struct ccrnn_intervention *intervention,
                                                    struct ccrnn_error *err);

/** The intervention in force (owned by the network); kind NONE: none. */
CCRNN_API const struct ccrnn_intervention *
ccrnn_network_intervention(const struct ccrnn_network *network);

#ifdef __cplusplus
}
#endif
#endif
