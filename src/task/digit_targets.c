/* What is to be drawn: the templates of the ten digits, and the ends of the ten lines. */
#define _GNU_SOURCE
#include <math.h>

#include "ccrnn/digits.h"
#include "ccrnn/random.h"

struct polyline {
    size_t corners;
    double x[CCRNN_DIGIT_CORNERS_MAX], y[CCRNN_DIGIT_CORNERS_MAX];
};

/* Pemberton et al. 2021, supplement: the table of templates. */
static const struct polyline polylines[CCRNN_DIGIT_CLASSES] = {
    {9, {0, 0, 0, .5, 1, 1, 1, .5, 0}, {1, .5, 0, 0, 0, .5, 1, 1, 1}},
    {4, {.25, .5, .5, .5}, {.75, 1, .5, 0}},
    {7, {0, .5, 1, .5, 0, .5, 1}, {1, 1, 1, .5, 0, 0, 0}},
    {9, {0, .5, 1, 1, .5, 1, 1, .5, 0}, {1, 1, 1, .5, .5, .5, 0, 0, 0}},
    {8, {0, 0, .5, 1, .5, .5, .5, .5}, {1, .5, .5, .5, .5, 1, .5, 0}},
    {11, {0, .5, 1, .5, 0, 0, .5, 1, 1, .5, 0}, {1, 1, 1, 1, 1, .5, .5, .5, 0, 0, 0}},
    {8, {0, 0, 0, .5, 1, 1, .5, 0}, {1, .5, 0, 0, 0, .5, .5, .5}},
    {5, {0, .5, 1, .5, 0}, {1, 1, 1, .5, 0}},
    {9, {0, .5, 1, .5, 0, .5, 1, .5, 0}, {1, .5, 0, 0, 0, .5, 1, 1, 1}},
    {11, {0, 0, .5, 1, 1, .5, 0, .5, 1, 1, 1}, {1, .5, .5, .5, 1, 1, 1, 1, 1, .5, 0}},
};

size_t ccrnn_digit_corners(size_t digit, double corner[CCRNN_DIGIT_CORNERS_MAX][2])
{
    const struct polyline *const line = &polylines[digit];
    for (size_t i = 0; i < line->corners; i++) {
        corner[i][0] = line->x[i];
        corner[i][1] = line->y[i];
    }
    return line->corners;
}

/* Points that pair `pair` of `pairs` emits. */
static size_t share_of_pair(size_t pair, size_t pairs, size_t steps)
{
    const size_t each = steps / pairs, remainder = steps % pairs;
    if (remainder > 0)
        return each + (pair + 1 < remainder ? 1 : 0);
    return each - (pair + 1 == pairs ? 1 : 0);
}

void ccrnn_digit_template(size_t digit, size_t steps, double *xy)
{
    const struct polyline *const line = &polylines[digit];
    const size_t pairs = line->corners - 1;
    for (size_t pair = 0; pair < pairs; pair++) {
        const size_t points = share_of_pair(pair, pairs, steps);
        for (size_t i = 0; i < points; i++) {
            const double part = (double)i / (double)points;
            *xy++ = line->x[pair] + part * (line->x[pair + 1] - line->x[pair]);
            *xy++ = line->y[pair] + part * (line->y[pair + 1] - line->y[pair]);
        }
    }
    *xy++ = line->x[pairs];
    *xy = line->y[pairs];
}

static void circle_ends(double length, double end[CCRNN_DIGIT_CLASSES][2])
{
    for (size_t k = 0; k < CCRNN_DIGIT_CLASSES; k++) {
        const double angle = 2.0 * M_PI * (double)k / CCRNN_DIGIT_CLASSES;
        end[k][0] = length * sin(angle);
        end[k][1] = length * cos(angle);
    }
}

/* Ten of the grid's points without repetition: the start of a Fisher–Yates shuffle. */
static void grid_ends(double length, uint64_t seed, double end[CCRNN_DIGIT_CLASSES][2])
{
    enum { SIDE = 4, POINTS = SIDE * SIDE };
    struct ccrnn_random stream;
    uint32_t point[POINTS];
    ccrnn_random_start(&stream, seed, CCRNN_RANDOM_TARGETS, 0, 0);
    for (uint32_t i = 0; i < POINTS; i++)
        point[i] = i;
    for (uint32_t k = 0; k < CCRNN_DIGIT_CLASSES; k++) {
        const uint32_t chosen = k + ccrnn_random_below(&stream, POINTS - k);
        const uint32_t mine = point[chosen];
        point[chosen] = point[k];
        point[k] = mine;
        const uint32_t column = mine % SIDE, row = mine / SIDE;
        end[k][0] = length * (double)column / (SIDE - 1);
        end[k][1] = length * (double)row / (SIDE - 1);
    }
}

void ccrnn_digit_line_ends(enum ccrnn_line_targets targets, double length, uint64_t seed,
                           double end[CCRNN_DIGIT_CLASSES][2])
{
    if (targets == CCRNN_LINE_TARGETS_GRID)
        grid_ends(length, seed, end);
    else
        circle_ends(length, end);
}
