/** @file
 * The figures, and the panels several of them have.
 */
#ifndef CCRNN_REPORT_PAPER_FIGURES_H
#define CCRNN_REPORT_PAPER_FIGURES_H

#include "report/paper_elements.h"

/** Place of a panel with its labels on the sheet (mm). */
struct ccrnn_paper_cell {
    double left, top, width, height;
};

typedef enum ccrnn_status ccrnn_paper_draw(struct ccrnn_paper_sheet *sheet,
                                           struct ccrnn_error *err);

/* Each sets the sheet's size and draws its panels. */
ccrnn_paper_draw ccrnn_paper_draw_simple;     /**< fig2 */
ccrnn_paper_draw ccrnn_paper_draw_online;     /**< fig3 */
ccrnn_paper_draw ccrnn_paper_draw_horizons;   /**< figS3 */
ccrnn_paper_draw ccrnn_paper_draw_intervals;  /**< fig4, fig4-online */
ccrnn_paper_draw ccrnn_paper_draw_similarity; /**< fig5 */
ccrnn_paper_draw ccrnn_paper_draw_coupling;   /**< fig6 */
ccrnn_paper_draw ccrnn_paper_draw_lesions;    /**< fig7 */
ccrnn_paper_draw ccrnn_paper_draw_captions;   /**< fig8 */
ccrnn_paper_draw ccrnn_paper_draw_expansion;
ccrnn_paper_draw ccrnn_paper_draw_sparsity;

/** Start a panel in a cell. */
void ccrnn_paper_start(struct ccrnn_paper_sheet *sheet, struct ccrnn_paper_panel *panel,
                       const struct ccrnn_paper_cell *cell, const char *title);

/** Set the horizontal or vertical label from parts; the text is the pool's. */
enum ccrnn_status ccrnn_paper_label(struct ccrnn_paper_sheet *sheet, const char **label,
                                    const char *noun, const char *unit, struct ccrnn_error *err);

/** Learning curves of the arms named (NULL ends them). */
enum ccrnn_status ccrnn_paper_curves_panel(struct ccrnn_paper_sheet *sheet,
                                           const struct ccrnn_paper_task *task,
                                           const struct ccrnn_paper_cell *cell, const char *title,
                                           const char *const *base, struct ccrnn_error *err);

/** Dysmetria of cRNN and ccRNN, clipped and not. */
enum ccrnn_status ccrnn_paper_dysmetria_panel(struct ccrnn_paper_sheet *sheet,
                                              const struct ccrnn_paper_task *task,
                                              const struct ccrnn_paper_cell *cell,
                                              const char *title, struct ccrnn_error *err);

/** Final error against the horizon as a share of the sequence, with tests. */
enum ccrnn_status ccrnn_paper_horizon_panel(struct ccrnn_paper_sheet *sheet,
                                            const struct ccrnn_paper_task *task,
                                            const struct ccrnn_paper_cell *cell,
                                            const char *title, struct ccrnn_error *err);

/** Drawn lines of the median seed of cRNN and ccRNN over their targets. */
enum ccrnn_status ccrnn_paper_drawings_panel(struct ccrnn_paper_sheet *sheet,
                                             const struct ccrnn_paper_task *task,
                                             const struct ccrnn_paper_cell *cell,
                                             struct ccrnn_error *err);

/** Probability of the right class, step by step. */
enum ccrnn_status ccrnn_paper_answers_panel(struct ccrnn_paper_sheet *sheet,
                                            const struct ccrnn_paper_task *task,
                                            const struct ccrnn_paper_cell *cell,
                                            struct ccrnn_error *err);

#endif
