#include "report/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "report/figures.h"
#include "report/page.h"
#include "report/task.h"

/* As the grid of a study names a swept arm, and as people do. */
static const char *const name_parts[] = {" horizon=", " K="};

/* Where `name` tells the horizon; NULL: nowhere. @param[out] value after the equals sign */
static const char *find_horizon(const char *name, const char **value)
{
    for (size_t i = 0; i < sizeof name_parts / sizeof name_parts[0]; i++) {
        const char *const part = strstr(name, name_parts[i]);
        if (part == NULL)
            continue;
        *value = part + strlen(name_parts[i]);
        return part;
    }
    return NULL;
}

/* `name` without " horizon=VALUE" or " K=VALUE". */
static enum ccrnn_status name_group(struct ccrnn_report_pool *pool, const char *name,
                                    const char **group, struct ccrnn_error *err)
{
    const char *rest = NULL;
    const char *const part = find_horizon(name, &rest);
    *group = name;
    if (part == NULL)
        return CCRNN_OK;
    const char *const after = rest + strcspn(rest, " ");
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, strlen(name) + 1, 1, &memory, err));
    char *const text = memory;
    memcpy(text, name, (size_t)(part - name));
    strcpy(text + (part - name), after);
    *group = text;
    return CCRNN_OK;
}

/* NaN if the setting is missing or no number. */
static double number_of(const struct ccrnn_report_arm *arm, const char *key)
{
    const char *const text = ccrnn_report_setting_of(arm, key);
    double value = NAN;
    if (text != NULL)
        (void)ccrnn_parse_real(text, &value);
    return value;
}

/* T: a setting, or as many steps as an image has pieces; of captions the longest; NaN if not
 * known. */
static double steps_of(const struct ccrnn_report_arm *arm)
{
    const double pixels = 784.0;
    if (ccrnn_report_task_of(arm->task)->captions)
        return number_of(arm, "longest");
    const double steps = number_of(arm, "steps"), inputs = number_of(arm, "inputs_per_step");
    return isnan(steps) && inputs > 0.0 ? pixels / inputs : steps;
}

static void read_horizon(struct ccrnn_report_arm *arm)
{
    const char *const horizon = ccrnn_report_setting_of(arm, "horizon");
    const char *const cerebellum = ccrnn_report_setting_of(arm, "cerebellum");
    arm->steps = steps_of(arm);
    arm->horizon = number_of(arm, "horizon");
    if (horizon != NULL && strcmp(horizon, "full") == 0)
        arm->horizon = arm->steps;
    if (!(arm->horizon > 0.0))
        arm->horizon = NAN;
    if (arm->horizon > arm->steps)
        arm->horizon = arm->steps;
    arm->alone = cerebellum != NULL && strcmp(cerebellum, "none") == 0;
}

/* "#rrggbb" moved towards white by `share`. */
static void set_colour(struct ccrnn_report_arm *arm, size_t hue, double share)
{
    const long from = strtol(ccrnn_report_colour(hue) + 1, NULL, 16);
    long mixed = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        const double part = (double)((from >> shift) & 0xff);
        mixed |= lround(part + share * (255.0 - part)) << shift;
    }
    (void)ccrnn_format(arm->colour, sizeof arm->colour, "#%06lx", mixed & 0xffffffL);
}

/* How many different horizons of its group are shorter than this arm's. */
static size_t rank_of(const struct ccrnn_report_study *study, const struct ccrnn_report_arm *arm,
                      size_t *of)
{
    size_t rank = 0;
    *of = 0;
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_arm *const other = &study->arm[i];
        if (other->group_place != arm->group_place)
            continue;
        rank += other->horizon < arm->horizon;
        (*of)++;
    }
    return rank;
}

static void set_colours(struct ccrnn_report_study *study)
{
    const double lightest = 0.6;
    for (size_t i = 0; i < study->arms; i++) {
        struct ccrnn_report_arm *const arm = &study->arm[i];
        size_t of;
        const size_t rank = rank_of(study, arm, &of);
        const size_t hue = study->sweep ? arm->group_place : i;
        const bool lighter = study->sweep && of > 1;
        set_colour(arm, hue, lighter ? lightest * (double)rank / (double)(of - 1) : 0.0);
        /* from the second round of the palette on another dash */
        arm->hue = hue;
        arm->dash = hue / ccrnn_report_colours() + 1;
    }
}

static void set_group(struct ccrnn_report_study *study, size_t place)
{
    struct ccrnn_report_arm *const arm = &study->arm[place];
    size_t groups = 0;
    for (size_t i = 0; i < place; i++) {
        const struct ccrnn_report_arm *const other = &study->arm[i];
        groups = other->group_place >= groups ? other->group_place + 1 : groups;
        if (strcmp(other->group, arm->group) != 0)
            continue;
        arm->group_place = other->group_place;
        study->sweep |=
            isfinite(arm->horizon) && isfinite(other->horizon) && arm->horizon != other->horizon;
        return;
    }
    arm->group_place = groups;
}

/* How many bytes of whole words all labels begin with, and none is. */
static size_t shared_words(const struct ccrnn_report_study *study)
{
    const char *const first = study->arms > 1 ? study->arm[0].label : "";
    size_t shared = 0, length = strlen(first);
    for (size_t i = 1; i < study->arms; i++) {
        size_t same = 0;
        while (same < length && study->arm[i].label[same] == first[same])
            same++;
        length = same;
    }
    for (size_t i = 0; i < length; i++) {
        bool ends = first[i] != ' ';
        for (size_t k = 0; k < study->arms; k++)
            ends |= study->arm[k].label[i + 1] == '\0';
        if (!ends)
            shared = i + 1;
    }
    return shared;
}

enum ccrnn_status ccrnn_report_find_sweep(struct ccrnn_report_study *study,
                                          struct ccrnn_error *err)
{
    for (size_t i = 0; i < study->arms; i++) {
        read_horizon(&study->arm[i]);
        CCRNN_TRY(name_group(&study->pool, study->arm[i].name, &study->arm[i].group, err));
        set_group(study, i);
    }
    set_colours(study);
    const size_t shared = shared_words(study);
    for (size_t i = 0; i < study->arms; i++)
        study->arm[i].brief = study->arm[i].label + shared;
    return CCRNN_OK;
}

size_t ccrnn_report_groups(const struct ccrnn_report_study *study)
{
    size_t groups = 0;
    for (size_t i = 0; i < study->arms; i++)
        groups = study->arm[i].group_place >= groups ? study->arm[i].group_place + 1 : groups;
    return groups;
}

bool ccrnn_report_compares(const struct ccrnn_report_study *study, size_t a, size_t b)
{
    const struct ccrnn_report_arm *const x = &study->arm[a], *const y = &study->arm[b];
    if (study->sweep && ccrnn_report_groups(study) > 1)
        return x->group_place != y->group_place && x->horizon == y->horizon;
    return study->arms <= CCRNN_REPORT_ARMS_ALL_PAIRS || a == 0;
}
