/** @file
 * The words of the options that choose between a few: what the rows of option_table.c point at.
 */
#ifndef CCRNN_STUDY_OPTION_CHOICES_H
#define CCRNN_STUDY_OPTION_CHOICES_H

#include "study/options.h"

/* Each list ends with a NULL name. */
extern const struct ccrnn_option_choice ccrnn_choices_task[];
extern const struct ccrnn_option_choice ccrnn_choices_image[];
extern const struct ccrnn_option_choice ccrnn_choices_shuffle[];
extern const struct ccrnn_option_choice ccrnn_choices_line_target[];
extern const struct ccrnn_option_choice ccrnn_choices_caption[];
extern const struct ccrnn_option_choice ccrnn_choices_length[];
extern const struct ccrnn_option_choice ccrnn_choices_feature_map[];
extern const struct ccrnn_option_choice ccrnn_choices_feature_norm[];
extern const struct ccrnn_option_choice ccrnn_choices_cell[];
extern const struct ccrnn_option_choice ccrnn_choices_cerebellum[];
extern const struct ccrnn_option_choice ccrnn_choices_feedback[];
extern const struct ccrnn_option_choice ccrnn_choices_terminal[];
extern const struct ccrnn_option_choice ccrnn_choices_cerebellar_loss[];
extern const struct ccrnn_option_choice ccrnn_choices_update[];
extern const struct ccrnn_option_choice ccrnn_choices_optimiser[];
extern const struct ccrnn_option_choice ccrnn_choices_gemm[];
extern const struct ccrnn_option_choice ccrnn_choices_kernel[];

#endif
