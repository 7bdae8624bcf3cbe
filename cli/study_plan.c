/* What a study would run, and how long that would take. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/study_run.h"
#include "cli/terminal.h"
#include "study/record_space.h"

/* Of more arms than the first number the table shows the second; columns are at most so wide. */
enum { ARMS_SHOWN_WHOLE = 24, ARMS_SHOWN = 20, WIDTH_MOST = 28, TITLE_LINES = 4 };

/* A value of an option; the longest is a list. */
enum { VALUE_SIZE = 2 * CCRNN_CONFIG_PATH_MAX };

/* How the arms stand to an option. */
enum standing { NOWHERE, SHARED, DIFFERS };

struct plan {
    const struct ccrnn_study *study;
    const struct cli_study_run *how;
    const struct cli_arm_estimate *arms; /* (arm_count) */
    const struct cli_study_estimate *estimate;
    enum standing *standing; /* (options) */
    bool verbose;
};

/* --- which options ----------------------------------------------------------------------- */

static bool is_shown(const struct ccrnn_option *option, const struct ccrnn_study_arm *arm)
{
    return !option->derived && ccrnn_option_applies(option, &arm->config);
}

/* An option shows a difference if it has two values among the arms that it applies to. */
static enum standing find_standing(const struct ccrnn_study *study,
                                   const struct ccrnn_option *option)
{
    const struct ccrnn_study_arm *first = NULL;
    for (size_t i = 0; i < study->arm_count; i++) {
        if (!is_shown(option, &study->arms[i]))
            continue;
        if (first == NULL)
            first = &study->arms[i];
        else if (!ccrnn_option_equal(option, &first->config, &study->arms[i].config))
            return DIFFERS;
    }
    return first == NULL ? NOWHERE : SHARED;
}

/* --- the table --------------------------------------------------------------------------- */

/* A title in lines. */
struct title {
    const char *line[TITLE_LINES];
    size_t length[TITLE_LINES], lines, width; /* characters; titles are ASCII */
};

/* A column: what a line shows in it, and how wide it is. `option` NULL: one of the others, by `kind`. */
struct column {
    const struct ccrnn_option *option;
    enum { NUMBER, ARM, OPTION, WORK, TIME, DONE } kind;
    struct title title;
    size_t width, value_width; /* characters: of the column; of its values */
    bool left;                 /* the text begins at the left */
};

/* The first two columns, NUMBER and ARM, begin every part of a table that is too wide for one. */
enum { LEADING = 2, GAP = 2 };

struct table {
    const struct plan *plan;
    struct column *columns;
    size_t count, rows;
    size_t lead; /* the first leading column that is shown: NUMBER only where there are parts */
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* About WIDTH_MOST bytes: of a longer list the beginning, of another text, a path most likely, the end. */
static void shorten(char *text)
{
    static const char dots[] = "…";
    const size_t length = strlen(text);
    if (length <= WIDTH_MOST)
        return;
    if (*text == '[') {
        memcpy(text + WIDTH_MOST - 1, dots, sizeof dots);
        return;
    }
    size_t skipped = length - WIDTH_MOST + sizeof dots;
    while (inside_character(text[skipped]))
        skipped++;
    memmove(text + sizeof dots - 1, text + skipped, length - skipped + 1);
    memcpy(text, dots, sizeof dots - 1);
}

static void cell_text(const struct plan *plan, const struct column *column, size_t index,
                      char *text)
{
    const struct ccrnn_study_arm *const arm = &plan->study->arms[index];
    switch (column->kind) {
    case NUMBER:
        snprintf(text, VALUE_SIZE, "%zu", index + 1);
        break;
    case ARM: /* what axes add to the name is in the columns beside it */
        snprintf(text, VALUE_SIZE, "%.*s", (int)arm->written_size, arm->name);
        break;
    case OPTION:
        *text = '\0';
        if (is_shown(column->option, arm))
            ccrnn_run_config_get(&arm->config, column->option, text, VALUE_SIZE);
        if (*text == '\0')
            snprintf(text, VALUE_SIZE, "-");
        break;
    case WORK:
        snprintf(text, VALUE_SIZE, "%.1f", 1e-6 * ccrnn_run_config_flops_per_step(&arm->config));
        break;
    case TIME:
        cli_duration(plan->arms[index].run, text, VALUE_SIZE);
        break;
    case DONE:
        snprintf(text, VALUE_SIZE, "%zu/%zu", plan->arms[index].done, plan->study->seed_count);
        break;
    }
    shorten(text);
}

static const char *column_title(const struct column *column)
{
    static const char *const titles[] = {"no.", "arm", "", "MFLOP a step", "time a run", "done"};
    return column->option != NULL ? column->option->key : titles[column->kind];
}

static bool is_number(const struct ccrnn_option *option)
{
    return option != NULL &&
           (option->type == CCRNN_OPTION_INTEGER || option->type == CCRNN_OPTION_REAL);
}

/* The columns of a plan, without their widths. Owned by the caller; NULL: no memory. */
static struct column *choose_columns(const struct plan *plan, size_t *count)
{
    const size_t options = ccrnn_option_count();
    struct column *const columns = calloc(options + 5, sizeof *columns);
    if (columns == NULL)
        return NULL;
    *count = 0;
    columns[(*count)++] = (struct column){.kind = NUMBER};
    columns[(*count)++] = (struct column){.kind = ARM, .left = true};
    for (size_t i = 0; i < options; i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        if (plan->standing[i] == DIFFERS)
            columns[(*count)++] =
                (struct column){.kind = OPTION, .option = option, .left = !is_number(option)};
    }
    columns[(*count)++] = (struct column){.kind = WORK};
    columns[(*count)++] = (struct column){.kind = TIME};
    if (plan->estimate->done > 0)
        columns[(*count)++] = (struct column){.kind = DONE};
    return columns;
}

/* Its words, which end with '_' or before a blank, in as few lines of at most `width` characters as can be. */
static struct title fold_title(const char *text, size_t width)
{
    struct title title = {.lines = 0};
    while (*text != '\0') {
        const size_t bare = strcspn(text, "_ "), word = bare + (text[bare] == '_');
        const size_t last = title.lines - 1;
        const bool joins = title.lines > 0 && (title.lines == TITLE_LINES ||
                                               (size_t)(text + word - title.line[last]) <= width);
        if (!joins)
            title.line[title.lines++] = text;
        const size_t length = (size_t)(text + word - title.line[title.lines - 1]);
        title.length[title.lines - 1] = length;
        title.width = length > title.width ? length : title.width;
        text += word;
        text += *text == ' ';
    }
    return title;
}

/* Columns as wide as their values and titles. Folded titles are as wide as the values, or a character wider than
 * their longest word. */
static void set_widths(struct table *table, bool folded)
{
    for (size_t c = 0; c < table->count; c++) {
        struct column *const column = &table->columns[c];
        const char *const text = column_title(column);
        column->title = fold_title(text, folded ? 0 : SIZE_MAX);
        if (folded)
            column->title =
                fold_title(text, larger(column->title.width + 1, column->value_width));
        column->width = larger(column->title.width, column->value_width);
    }
}

/* The end of the columns from `begin` on that fit beside the leading ones; at least one column does. */
static size_t part_end(const struct table *table, size_t begin, size_t columns)
{
    size_t width = 0, end = begin;
    for (size_t c = table->lead; c < LEADING; c++)
        width += table->columns[c].width + GAP;
    for (; end < table->count; end++) {
        width += table->columns[end].width + (end > begin ? GAP : 0);
        if (end > begin && width > columns)
            break;
    }
    return end;
}

static void add_cell(struct ccrnn_text *line, const struct column *column, const char *text,
                     size_t bytes)
{
    char cell[VALUE_SIZE];
    snprintf(cell, sizeof cell, "%.*s", (int)bytes, text);
    const int blanks = (int)(column->width - cli_width(cell));
    if (column->left)
        ccrnn_text_add(line, "%s%*s", cell, blanks + GAP, "");
    else
        ccrnn_text_add(line, "%*s%s%*s", blanks, "", cell, GAP, "");
}

/* Without blanks at its end. */
static void print_line(struct ccrnn_text *line)
{
    while (line->size > 0 && line->bytes[line->size - 1] == ' ')
        line->size--;
    printf("%.*s\n", (int)line->size, line->size == 0 ? "" : line->bytes);
    line->size = 0;
}

/* Line `line` of `lines`; the last one of a title stands in the last. */
static void add_title(struct ccrnn_text *text, const struct column *column, size_t line,
                      size_t lines)
{
    const size_t skipped = lines - column->title.lines;
    if (line < skipped)
        add_cell(text, column, "", 0);
    else
        add_cell(text, column, column->title.line[line - skipped],
                 column->title.length[line - skipped]);
}

/* The column after `c` in a part of the table that begins, after the leading ones, with `begin`. */
static size_t column_after(size_t c, size_t begin)
{
    return c + 1 == LEADING ? begin : c + 1;
}

/* The leading columns and those from `begin` to `end`. */
static void print_part(const struct table *table, size_t begin, size_t end)
{
    char text[VALUE_SIZE];
    struct ccrnn_text line = {0};
    size_t lines = 1;
    for (size_t c = table->lead; c < end; c = column_after(c, begin))
        lines = larger(lines, table->columns[c].title.lines);
    for (size_t i = 0; i < lines; i++) {
        for (size_t c = table->lead; c < end; c = column_after(c, begin))
            add_title(&line, &table->columns[c], i, lines);
        print_line(&line);
    }
    for (size_t i = 0; i < table->rows; i++) {
        for (size_t c = table->lead; c < end; c = column_after(c, begin)) {
            cell_text(table->plan, &table->columns[c], i, text);
            add_cell(&line, &table->columns[c], text, strlen(text));
        }
        print_line(&line);
    }
    free(line.bytes);
}

static void measure_values(struct table *table)
{
    char text[VALUE_SIZE];
    for (size_t c = 0; c < table->count; c++)
        for (size_t i = 0; i < table->rows; i++) {
            cell_text(table->plan, &table->columns[c], i, text);
            table->columns[c].value_width =
                larger(table->columns[c].value_width, cli_width(text));
        }
}

/* In a table that is too wide titles are folded; if that is not enough, it comes in parts, with numbered lines. */
static void print_table(struct table *table)
{
    const size_t columns = cli_columns(STDOUT_FILENO), arms = table->plan->study->arm_count;
    table->rows = table->plan->verbose || arms <= ARMS_SHOWN_WHOLE ? arms : ARMS_SHOWN;
    table->lead = ARM;
    measure_values(table);
    set_widths(table, false);
    if (part_end(table, LEADING, columns) < table->count)
        set_widths(table, true);
    if (part_end(table, LEADING, columns) < table->count)
        table->lead = NUMBER;
    for (size_t begin = LEADING; begin < table->count;) {
        const size_t end = part_end(table, begin, columns);
        if (begin > LEADING)
            printf("\n");
        print_part(table, begin, end);
        begin = end;
    }
    if (table->rows < arms)
        printf("… and %zu more arms (--verbose lists all)\n", arms - table->rows);
}

/* --- options by themselves --------------------------------------------------------------- */

static void print_option(const struct ccrnn_option *option, const struct ccrnn_study_arm *arm)
{
    char value[VALUE_SIZE];
    ccrnn_run_config_get(&arm->config, option, value, sizeof value);
    if (value[0] != '\0')
        printf("    %s: %s\n", option->key, value);
}

/* The value of an option that does not differ, out of the first arm that it applies to. */
static void print_shared(const struct plan *plan)
{
    printf("\n%s\n", plan->study->arm_count == 1
                         ? "options of the arm:"
                         : "options that are the same in every arm they have an effect in:");
    for (size_t k = 0; k < ccrnn_option_count(); k++) {
        const struct ccrnn_option *const option = ccrnn_option_at(k);
        size_t i = 0;
        if (plan->standing[k] != SHARED)
            continue;
        while (!is_shown(option, &plan->study->arms[i]))
            i++;
        print_option(option, &plan->study->arms[i]);
    }
}

static void print_arm(const struct plan *plan, size_t index)
{
    char text[32];
    const struct ccrnn_study_arm *const arm = &plan->study->arms[index];
    cli_duration(plan->arms[index].run, text, sizeof text);
    printf("  %s (%s): %" PRIu64 " epochs, ", arm->name, arm->hash, arm->config.epochs);
    if (arm->parent != SIZE_MAX)
        printf("from epoch %" PRIu64 " of %s on, ", arm->config.branch_epoch,
               plan->study->arms[arm->parent].name);
    printf("%.1f MFLOP a step, about %s a run\n",
           1e-6 * ccrnn_run_config_flops_per_step(&arm->config), text);
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        if (is_shown(ccrnn_option_at(i), arm))
            print_option(ccrnn_option_at(i), arm);
}

static void print_total(const struct cli_study_estimate *estimate)
{
    char time[32], basis[256], sentence[sizeof basis + 4];
    cli_duration(estimate->seconds, time, sizeof time);
    cli_study_estimate_basis(estimate, basis, sizeof basis);
    snprintf(sentence, sizeof sentence, "(%s)\n", basis);
    if (estimate->done == estimate->runs)
        printf("\nall runs are finished\n");
    else
        printf("\nabout %s with -j %u%s\n", time, estimate->jobs,
               estimate->done > 0 ? " for what is left" : "");
    if (estimate->done < estimate->runs)
        cli_print_wrapped(stdout, sentence);
}

/* How much is going to be recorded; refused here as it would be in earnest. */
static enum ccrnn_status print_record(const struct ccrnn_study *study, const char *directory,
                                      unsigned jobs, struct ccrnn_error *err)
{
    struct ccrnn_record_space space;
    char runs[32], needed[32], free[32];
    CCRNN_TRY(ccrnn_record_space_find(study, directory, jobs, &space, err));
    if (space.count == 0)
        return CCRNN_OK;
    printf(
        "record: %s (%.0f bytes) uncompressed, of %zu runs; with room to put the files together "
        "%s of %s free\n",
        ccrnn_record_size(space.runs, runs), space.runs, space.count,
        ccrnn_record_size(space.needed, needed), ccrnn_record_size(space.free, free));
    return ccrnn_record_space_check(&space, err);
}

/* --- the plan ---------------------------------------------------------------------------- */

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the table of the arms");
}

static enum ccrnn_status print_plan(struct plan *plan, struct ccrnn_error *err)
{
    const struct ccrnn_study *const study = plan->study;
    struct table table = {.plan = plan};
    struct ccrnn_text head = {0};
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        plan->standing[i] = find_standing(study, ccrnn_option_at(i));
    table.columns = choose_columns(plan, &table.count);
    if (table.columns == NULL)
        return fail_memory(err);
    ccrnn_text_add(
        &head, "study %s: %zu arm%s × %zu seed%s = %zu run%s, %zu of them finished, into %s\n",
        study->name, study->arm_count, cli_plural(study->arm_count), study->seed_count,
        cli_plural(study->seed_count), plan->estimate->runs, cli_plural(plan->estimate->runs),
        plan->estimate->done, plan->how->directory);
    cli_print_wrapped(stdout, head.bytes == NULL ? "" : head.bytes);
    free(head.bytes);
    printf("\n");
    print_table(&table);
    free(table.columns);
    if (plan->verbose)
        printf("\n");
    for (size_t i = 0; plan->verbose && i < study->arm_count; i++)
        print_arm(plan, i);
    if (!plan->verbose)
        print_shared(plan);
    print_total(plan->estimate);
    return print_record(study, plan->how->directory, plan->estimate->jobs, err);
}

static enum ccrnn_status estimate_and_print(const struct ccrnn_study *study,
                                            const struct cli_study_run *how,
                                            const struct ccrnn_study_data *data, bool verbose,
                                            struct ccrnn_error *err)
{
    struct cli_study_estimate estimate;
    struct cli_arm_estimate *const arms = calloc(study->arm_count, sizeof *arms);
    enum standing *const standing = calloc(ccrnn_option_count(), sizeof *standing);
    struct plan plan = {study, how, arms, &estimate, standing, verbose};
    enum ccrnn_status status = CCRNN_OK;
    if (arms == NULL || standing == NULL)
        status = fail_memory(err);
    if (status == CCRNN_OK)
        status = cli_study_estimate_arms(study, how, data, arms, &estimate, err);
    if (status == CCRNN_OK)
        status = print_plan(&plan, err);
    free(arms);
    free(standing);
    return status;
}

/* Would it begin here? Files may be missing, or hold too few images. */
enum ccrnn_status cli_study_plan(struct ccrnn_study *study, const struct cli_study_run *how,
                                 bool verbose, struct ccrnn_error *err)
{
    struct ccrnn_study_data loaded;
    CCRNN_TRY(ccrnn_study_data_load(study, how->data, &loaded, err));
    struct ccrnn_text found = {0};
    ccrnn_study_data_describe(&loaded, &found);
    cli_print_wrapped(stdout, found.bytes == NULL ? "" : found.bytes);
    free(found.bytes);
    const enum ccrnn_status status = estimate_and_print(study, how, &loaded, verbose, err);
    ccrnn_study_data_release(&loaded);
    return status;
}
