/* The table of `ccrnn status`: a row an arm. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/progress.h"
#include "cli/status.h"

enum { NAME_LEAST = 12, CELL_SIZE = 32, NAME_SIZE = CCRNN_ARM_NAME_SIZE + 32 };

const char *cli_status_title(enum ccrnn_survey_state state)
{
    return state == CCRNN_SURVEY_NONFINITE ? "NaN" : ccrnn_survey_state_name(state);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* What of a name that is too long is left out. What sweeps add is at its end, but what differs may be anywhere. */
enum cut { CUT_MIDDLE, CUT_HEAD, CUT_TAIL, CUT_NUMBERED };

/* What the table is made of. */
struct table {
    const struct cli_status *status;
    size_t arms;
    size_t (*count)[CCRNN_SURVEY_STATES]; /* (arms) */
    bool shown[CCRNN_SURVEY_STATES];      /* columns */
    bool left;                            /* the last column */
    bool narrow; /* little place: long titles are cut short, and columns stand closer */
    size_t name_width;
    enum cut cut;
};

static const int left_width = 8;

static const char *column_title(const struct table *table, enum ccrnn_survey_state state)
{
    if (table->narrow && state == CCRNN_SURVEY_INTERRUPTED)
        return "interr.";
    return table->narrow && state == CCRNN_SURVEY_UNREADABLE ? "unread."
                                                             : cli_status_title(state);
}

static int gap_of(const struct table *table)
{
    return table->narrow ? 1 : 2;
}

/* Of a column, with the gap before it. */
static int width_of(const struct table *table, enum ccrnn_survey_state state)
{
    const int width = (int)strlen(column_title(table, state));
    return gap_of(table) + (width < 6 ? 6 : width);
}

/* Of all columns but the first. */
static size_t width_of_numbers(const struct table *table)
{
    size_t width = table->left ? (size_t)(gap_of(table) + left_width) : 0;
    for (unsigned s = 0; s < CCRNN_SURVEY_STATES; s++)
        width += table->shown[s] ? (size_t)width_of(table, (enum ccrnn_survey_state)s) : 0;
    return width;
}

/* How much a reader wants to see an arm. */
enum rank { RANK_DONE, RANK_WAITING, RANK_BEGUN, RANK_BUSY, RANKS };

static enum rank rank_of(const struct table *table, size_t arm)
{
    const size_t *const count = table->count[arm], seeds = table->status->survey.index.seed_count;
    if (count[CCRNN_SURVEY_RUNNING] + count[CCRNN_SURVEY_STOPPED] + count[CCRNN_SURVEY_STALE] +
            count[CCRNN_SURVEY_FAILED] + count[CCRNN_SURVEY_UNREADABLE] >
        0)
        return RANK_BUSY;
    if (count[CCRNN_SURVEY_DONE] + count[CCRNN_SURVEY_NONFINITE] == seeds)
        return RANK_DONE;
    return count[CCRNN_SURVEY_WAITING] == seeds ? RANK_WAITING : RANK_BEGUN;
}

/* --- names ------------------------------------------------------------------------------- */

struct shown_name {
    char text[NAME_SIZE];
};

/* @param[out] shown NAME_SIZE bytes */
static void cut_name(const struct table *table, size_t arm, enum cut cut, char *shown)
{
    const char *const name = table->status->survey.index.arms[arm].name;
    const size_t length = strlen(name), width = table->name_width;
    char number[32] = "";
    if (length <= width) {
        (void)ccrnn_format(shown, NAME_SIZE, "%s", name);
        return;
    }
    if (cut == CUT_NUMBERED)
        (void)ccrnn_format(number, sizeof number, "%zu: ", arm + 1);
    const size_t room = width - 1 - strlen(number);
    const size_t head = cut == CUT_HEAD ? 0 : cut == CUT_TAIL ? room : room / 2;
    (void)ccrnn_format(shown, NAME_SIZE, "%s%.*s…%s", number, (int)head, name,
                       name + length - (room - head));
}

static int by_words(const void *a, const void *b)
{
    const struct shown_name *const x = a, *const y = b;
    return strcmp(x->text, y->text);
}

static bool are_different(const struct table *table, enum cut cut, struct shown_name *names)
{
    for (size_t i = 0; i < table->arms; i++)
        cut_name(table, i, cut, names[i].text);
    qsort(names, table->arms, sizeof names[0], by_words);
    for (size_t i = 1; i < table->arms; i++)
        if (strcmp(names[i - 1].text, names[i].text) == 0)
            return false;
    return true;
}

/* The first way to cut names by which no two arms become alike; else they are numbered, in the study's order. */
static void choose_cut(struct table *table, struct ccrnn_text *text)
{
    struct shown_name *const names = calloc(table->arms, sizeof *names);
    text->failed = text->failed || names == NULL;
    table->cut = CUT_MIDDLE;
    while (names != NULL && table->cut < CUT_NUMBERED && !are_different(table, table->cut, names))
        table->cut++;
    free(names);
}

static void measure(struct table *table, size_t columns, struct ccrnn_text *text)
{
    const struct ccrnn_survey *const survey = &table->status->survey;
    size_t longest = NAME_LEAST;
    for (size_t i = 0; i < table->arms; i++) {
        const size_t length = strlen(survey->index.arms[i].name);
        longest = length > longest ? length : longest;
    }
    for (unsigned s = 0; s < CCRNN_SURVEY_STATES; s++)
        table->shown[s] = s == CCRNN_SURVEY_DONE || survey->count[s] > 0;
    table->left = table->status->forecast.known && table->status->forecast.seconds > 0;
    table->narrow = columns > 0 && NAME_LEAST + width_of_numbers(table) > columns;
    const size_t others = width_of_numbers(table);
    table->name_width = longest;
    if (columns > 0 && longest + others > columns)
        table->name_width = columns > others + NAME_LEAST ? columns - others : NAME_LEAST;
    if (table->name_width < longest)
        choose_cut(table, text);
}

/* --- rows -------------------------------------------------------------------------------- */

/* Characters: what is cut has one that is no byte. */
static size_t width_in_columns(const char *name)
{
    size_t width = 0;
    for (; *name != '\0'; name++)
        width += ((unsigned char)*name & 0xC0) != 0x80;
    return width;
}

static void add_row(const struct table *table, const char *name, const size_t *count,
                    double seconds, struct ccrnn_text *text)
{
    char cell[CELL_SIZE];
    ccrnn_text_add(text, "%s%*s", name, (int)(table->name_width - width_in_columns(name)), "");
    for (unsigned s = 0; s < CCRNN_SURVEY_STATES; s++) {
        if (!table->shown[s])
            continue;
        (void)ccrnn_format(cell, sizeof cell, count[s] == 0 ? "-" : "%zu", count[s]);
        ccrnn_text_add(text, "%*s", width_of(table, (enum ccrnn_survey_state)s), cell);
    }
    if (table->left) {
        cli_duration(seconds, cell, sizeof cell);
        ccrnn_text_add(text, "%*s", gap_of(table) + left_width, seconds > 0 ? cell : "-");
    }
    ccrnn_text_add(text, "\n");
}

static void add_head(const struct table *table, struct ccrnn_text *text)
{
    ccrnn_text_add(text, "%*s", (int)table->name_width, "");
    for (unsigned s = 0; s < CCRNN_SURVEY_STATES; s++)
        if (table->shown[s])
            ccrnn_text_add(text, "%*s", width_of(table, (enum ccrnn_survey_state)s),
                           column_title(table, (enum ccrnn_survey_state)s));
    if (table->left)
        ccrnn_text_add(text, "%*s", gap_of(table) + left_width, "left");
    ccrnn_text_add(text, "\n");
}

/* How many arms are not shown, and how they stand. */
static void add_hidden(const size_t *hidden, const char *remedy, struct ccrnn_text *text)
{
    const size_t others = hidden[RANK_BEGUN] + hidden[RANK_BUSY];
    const size_t sum = others + hidden[RANK_DONE] + hidden[RANK_WAITING];
    const char *separator = ": ";
    if (sum == 0)
        return;
    ccrnn_text_add(text, "… and %zu arm%s more", sum, plural(sum));
    for (size_t i = 0; i < 3; i++) {
        static const char *const words[] = {"done", "waiting", "other"};
        const size_t count = i == 2 ? others : hidden[i];
        if (count == 0)
            continue;
        ccrnn_text_add(text, "%s%zu %s%s", separator, count, words[i],
                       i == 2 ? plural(count) : "");
        separator = ", ";
    }
    ccrnn_text_add(text, "%s\n", remedy);
}

/* Rows there is a place for: first of arms that are at work or in trouble, then of those that were begun, that wait,
 * that are done; in the study's order. */
static void add_rows(const struct table *table, const struct cli_status_layout *layout,
                     struct ccrnn_text *text)
{
    size_t room[RANKS] = {0}, hidden[RANKS] = {0}, left = layout->arms;
    char name[NAME_SIZE];
    for (size_t i = 0; i < table->arms; i++)
        room[rank_of(table, i)]++;
    for (size_t rank = RANKS; rank-- > 0;) {
        const bool idle = rank <= RANK_WAITING;
        if (room[rank] > left || (idle && layout->busy))
            room[rank] = idle && layout->busy ? 0 : left;
        left -= room[rank];
    }
    for (size_t i = 0; i < table->arms; i++) {
        const enum rank rank = rank_of(table, i);
        if (room[rank] == 0) {
            hidden[rank]++;
            continue;
        }
        room[rank]--;
        cut_name(table, i, table->cut, name);
        add_row(table, name, table->count[i], table->status->forecast.arm[i], text);
    }
    add_hidden(hidden, layout->busy ? "; -v shows all" : "", text);
}

void cli_status_table(const struct cli_status *status, const struct cli_status_layout *layout,
                      struct ccrnn_text *text)
{
    const struct ccrnn_survey *const survey = &status->survey;
    struct table table = {.status = status, .arms = survey->index.arm_count};
    table.count = calloc(table.arms, sizeof table.count[0]);
    if (table.count == NULL) {
        text->failed = true;
        return;
    }
    for (size_t i = 0; i < survey->runs; i++)
        table.count[i % table.arms][survey->run[i].state]++;
    measure(&table, layout->columns, text);
    add_head(&table, text);
    add_rows(&table, layout, text);
    if (table.arms > 1)
        add_row(&table, "all", survey->count, status->forecast.seconds, text);
    free(table.count);
}
