/* What all figures share. */
#include "report/figures.h"

static const char *const palette[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#e69f00", "#56b4e9", "#000000"};

size_t ccrnn_report_colours(void)
{
    return sizeof palette / sizeof palette[0];
}

const char *ccrnn_report_colour(size_t index)
{
    return palette[index % ccrnn_report_colours()];
}

void ccrnn_report_gnuplot_begin(struct ccrnn_report_text *script, const char *name,
                                const char *title, unsigned width, unsigned height)
{
    /* 14 px are 10.5 pt; pdfcairo draws a font of size s at s · fontscale / 0.75 points */
    const double pixels_per_inch = 96.0;
    ccrnn_report_add(script,
                     "# %s. Written by `ccrnn report`, which writes it anew each time:\n"
                     "# keep changes under another name. To redraw the .svg and the .pdf, type\n"
                     "#     gnuplot %s.gp\n"
                     "# in this directory.\n"
                     "set encoding utf8\n"
                     "set datafile separator comma\n"
                     "set border 3 lw 1 lc rgb '#404040'\n"
                     "set tics nomirror out scale 0.6\n"
                     "do for [kind in 'svg pdf'] {\n"
                     "if (kind eq 'svg') {\n"
                     "    set terminal svg noenhanced size %u,%u font 'Helvetica,14' "
                     "background rgb 'white'\n"
                     "} else {\n"
                     "    set terminal pdfcairo noenhanced size %.3fin,%.3fin "
                     "font 'Helvetica,10.5' fontscale 0.75 linewidth 1.3 background rgb 'white'\n"
                     "}\n"
                     "set output '%s.'.kind\n",
                     title, name, width, height, (double)width / pixels_per_inch,
                     (double)height / pixels_per_inch, name);
}

void ccrnn_report_gnuplot_end(struct ccrnn_report_text *script)
{
    ccrnn_report_add(script, "unset output\n}\n");
}

bool ccrnn_report_prefers_log(double smallest, double largest)
{
    const double two_decades_nearly = 60.0;
    return smallest > 0.0 && largest > two_decades_nearly * smallest;
}
