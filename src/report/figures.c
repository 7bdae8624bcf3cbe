/* What all figures share. */
#include "report/figures.h"

#include <math.h>

#include "base/error.h"
#include "base/number.h"

/* Longest file name of a figure (bytes). */
#define FILE_NAME_SIZE 160

static const char *const palette[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#e69f00", "#56b4e9", "#000000"};

/* The seven of the palette and three more that keep apart from them. */
static const char *const class_palette[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                            "#e69f00", "#56b4e9", "#000000", "#882255",
                                            "#999933", "#8c6bb1"};

static const char *const special_bases[] = {
    "drawn-trajectories",   "as-it-unfolds",      "dysmetria-family", "roughness-by-class",
    "uncertainty-by-class", "confusion-matrices", "horizon",          "more-scores",
    "score-by-length",      "loss-by-position",   "example-captions", "options"};

enum ccrnn_status ccrnn_report_figure_start(struct ccrnn_report_study *study, const char *base,
                                            const char *title, const char *second,
                                            struct ccrnn_report_figure *figure,
                                            struct ccrnn_error *err)
{
    const char *const endings[] = {".csv", second};
    char name[FILE_NAME_SIZE], file[FILE_NAME_SIZE];
    *figure = (struct ccrnn_report_figure){.title = title, .alt = "", .caption = ""};
    (void)ccrnn_format(name, sizeof name, "%s%s", study->prefix, base);
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, name, &figure->name, err));
    for (size_t i = 0; i < 2 && endings[i] != NULL; i++) {
        (void)ccrnn_format(file, sizeof file, "%s%s%s", study->prefix, base, endings[i]);
        CCRNN_TRY(ccrnn_report_pool_text(&study->pool, file, &figure->data[i], err));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_figure_finish(struct ccrnn_report_study *study,
                                             struct ccrnn_report_figure *figure,
                                             const struct ccrnn_report_text *script,
                                             const struct ccrnn_report_text *caption,
                                             const char *directory, struct ccrnn_error *err)
{
    char name[FILE_NAME_SIZE];
    (void)ccrnn_format(name, sizeof name, "%s.gp", figure->name);
    CCRNN_TRY(ccrnn_report_text_save(script, directory, name, err));
    CCRNN_TRY(ccrnn_report_text_check(caption, err));
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, caption->bytes, &figure->caption, err));
    figure->present = true;
    return CCRNN_OK;
}

enum ccrnn_status
ccrnn_report_figure_save(struct ccrnn_report_study *study, struct ccrnn_report_figure *figure,
                         struct ccrnn_report_text *data, struct ccrnn_report_text *second,
                         struct ccrnn_report_text *script, struct ccrnn_report_text *caption,
                         const char *directory, struct ccrnn_error *err)
{
    enum ccrnn_status status = ccrnn_report_text_save(data, directory, figure->data[0], err);
    if (status == CCRNN_OK && second != NULL)
        status = ccrnn_report_text_save(second, directory, figure->data[1], err);
    if (status == CCRNN_OK)
        status = ccrnn_report_figure_finish(study, figure, script, caption, directory, err);
    ccrnn_report_text_release(data);
    if (second != NULL)
        ccrnn_report_text_release(second);
    ccrnn_report_text_release(script);
    ccrnn_report_text_release(caption);
    return status;
}

const char *ccrnn_report_figure_base(size_t number)
{
    if (number < ccrnn_report_curve_count)
        return ccrnn_report_curves[number].name;
    number -= ccrnn_report_curve_count;
    if (number < ccrnn_report_final_count)
        return ccrnn_report_finals[number].name;
    number -= ccrnn_report_final_count;
    return number < sizeof special_bases / sizeof special_bases[0] ? special_bases[number] : NULL;
}

const char *ccrnn_report_class_colour(size_t index)
{
    return class_palette[index % (sizeof class_palette / sizeof class_palette[0])];
}

void ccrnn_report_add_margins(struct ccrnn_report_text *script, double width, double height,
                              double left, double top, double panel_width, double panel_height)
{
    ccrnn_report_add(script,
                     "set lmargin at screen %.5f; set rmargin at screen %.5f\n"
                     "set tmargin at screen %.5f; set bmargin at screen %.5f\n",
                     left / width, (left + panel_width) / width, 1.0 - top / height,
                     1.0 - (top + panel_height) / height);
}

double ccrnn_report_tic_step(double range)
{
    const double least = range / 4.0;
    const double power = pow(10.0, floor(log10(least)));
    static const double nice[] = {1.0, 2.0, 5.0, 10.0};
    size_t i = 0;
    while (i < 3 && nice[i] * power < least)
        i++;
    return nice[i] * power;
}

size_t ccrnn_report_longest_brief(const struct ccrnn_report_study *study)
{
    size_t longest = 0;
    for (size_t i = 0; i < study->arms; i++) {
        const size_t length = ccrnn_report_characters(study->arm[i].brief);
        longest = length > longest ? length : longest;
    }
    return longest;
}

size_t ccrnn_report_colours(void)
{
    return sizeof palette / sizeof palette[0];
}

const char *ccrnn_report_colour(size_t index)
{
    return palette[index % ccrnn_report_colours()];
}

#define PIXELS_PER_INCH 96.0
#define MM_PER_INCH 25.4

/* What all scripts begin with. @param kinds of files it draws */
static void add_preamble(struct ccrnn_report_text *script, const char *name, const char *title,
                         const char *kinds, const char *named)
{
    ccrnn_report_add(script,
                     "# %s. Written by `ccrnn report`, which writes it anew each time:\n"
                     "# keep changes under another name. To redraw the %s, type\n"
                     "#     gnuplot %s.gp\n"
                     "# in this directory.\n"
                     "set encoding utf8\n"
                     "set datafile separator comma\n"
                     "set border 3 lw 1 lc rgb '#404040'\n"
                     "set tics nomirror out scale 0.6\n"
                     "do for [kind in '%s'] {\n"
                     "if (kind eq 'svg') {\n",
                     title, named, name, kinds);
}

void ccrnn_report_gnuplot_begin(struct ccrnn_report_text *script, const char *name,
                                const char *title, unsigned width, unsigned height)
{
    /* 14 px are 10.5 pt; pdfcairo draws a font of size s at s · fontscale / 0.75 points */
    add_preamble(script, name, title, "svg pdf", ".svg and the .pdf");
    ccrnn_report_add(script,
                     "    set terminal svg noenhanced size %u,%u font 'Helvetica,14' "
                     "background rgb 'white'\n"
                     "} else {\n"
                     "    set terminal pdfcairo noenhanced size %.3fin,%.3fin "
                     "font 'Helvetica,10.5' fontscale 0.75 linewidth 1.3 background rgb 'white'\n"
                     "}\n"
                     "set output '%s.'.kind\n",
                     width, height, (double)width / PIXELS_PER_INCH,
                     (double)height / PIXELS_PER_INCH, name);
}

void ccrnn_report_gnuplot_begin_sheet(struct ccrnn_report_text *script, const char *name,
                                      const char *title, double width, double height)
{
    /* 10 px are 7.5 pt, for labels; letters of panels are larger */
    const double inch = MM_PER_INCH, dots = 300.0;
    const double pixels = PIXELS_PER_INCH / inch, scale = dots / PIXELS_PER_INCH;
    add_preamble(script, name, title, "svg pdf png", ".svg, the .pdf and the .png");
    ccrnn_report_add(
        script,
        "    set terminal svg noenhanced size %.0f,%.0f font 'Helvetica,10' "
        "background rgb 'white'\n    letter = 'Helvetica:Bold,12'\n"
        "} else { if (kind eq 'pdf') {\n"
        "    set terminal pdfcairo noenhanced size %.3fin,%.3fin font 'Helvetica,7.5' "
        "fontscale 0.75 linewidth 1 background rgb 'white'\n    letter = 'Helvetica:Bold,9'\n"
        "} else {\n"
        "    set terminal pngcairo noenhanced size %.0f,%.0f font 'Helvetica,7.5' "
        "fontscale %.4g linewidth %.4g pointscale %.4g background rgb 'white'\n"
        "    letter = 'Helvetica:Bold,9'\n"
        "} }\n"
        "set output '%s.'.kind\n"
        "W = %.9g; H = %.9g # of the sheet, mm\n",
        width * pixels, height * pixels, width / inch, height / inch, width / inch * dots,
        height / inch * dots, scale, scale, scale, name, width, height);
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
