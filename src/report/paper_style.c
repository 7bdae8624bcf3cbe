/* How arms and measures look: the cRNN is grey, the ccRNN orange; Okabe and Ito's palette. */
#include <string.h>

#include "report/paper_sheet.h"

#define SOLID "1"
#define DASHED "(8,4)"
#define SHORT "(4,3)"
#define DOTTED "(2,2)"

static const struct ccrnn_paper_style styles[] = {
    {"cRNN", "cRNN", "cRNN", "#7f7f7f", SOLID, 1.8, 7},
    {"ccRNN", "ccRNN", "ccRNN", "#d55e00", SOLID, 1.8, 7},
    {"cRNN no clip", "cRNN, no clipping", "cRNN\\nno clip", "#a6a6a6", SHORT, 1.4, 6},
    {"ccRNN no clip", "ccRNN, no clipping", "ccRNN\\nno clip", "#e69f00", SHORT, 1.4, 6},
    {"ccRNN end zero", "ccRNN, zero feedback at the end", "ccRNN\\nend zero", "#d55e00", DASHED,
     1.4, 4},
    {"ccRNN end zero no clip", "ccRNN, zero at the end, no clipping", "end zero\\nno clip",
     "#e69f00", DOTTED, 1.4, 4},
    {"full BPTT", "full BPTT", "full\\nBPTT", "#000000", DASHED, 1.4, 5},
    {"sham", "sham", "sham", "#56b4e9", DOTTED, 1.4, 8},
    {"cerebellum", "cerebellar lesion", "cerebellum", "#0072b2", SOLID, 1.8, 5},
    {"olive", "olive lesion", "olive", "#009e73", SOLID, 1.8, 9},
    {"fixed cortex", "fixed cortex", "fixed\\ncortex", "#0072b2", DASHED, 1.4, 5},
    {"fixed cerebellum", "fixed cerebellum", "fixed\\ncerebellum", "#cc79a7", SHORT, 1.4, 9},
    /* of measures of one arm */
    {"to target", "to its target δ", "", "#d55e00", SOLID, 1.8, 7},
    {"to true", "to the true gradient", "", "#0072b2", DASHED, 1.8, 5},
    {"pairwise", "granule units: pairwise |r|", "", "#009e73", SOLID, 1.8, 7},
    {"population", "granule units: population", "", "#0072b2", DASHED, 1.8, 5},
};

static const struct ccrnn_paper_style plain = {"", "", "", "#000000", SOLID, 1.4, 7};

const struct ccrnn_paper_style *ccrnn_paper_style_of(const char *base)
{
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
        if (strcmp(styles[i].base, base) == 0)
            return &styles[i];
    }
    return &plain;
}

const struct ccrnn_paper_style *ccrnn_paper_style_number(size_t number)
{
    return number < sizeof styles / sizeof styles[0] ? &styles[number] : NULL;
}
