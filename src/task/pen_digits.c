/* Digits drawn by pens. Lengths are in pixels, y downwards, unless said otherwise. No function of
 * the C mathematics library is called, on purpose: the bytes must be the same everywhere. */
#include <stdbool.h>

#include "ccrnn/pen_digits.h"
#include "ccrnn/random.h"

/* Names the data set; another value draws another one. */
static const uint64_t pens_seed = 0x70656e73; /* "pens" */

struct range {
    double from, to;
};

/* What makes the images; docs/pens.md shows the same table. A range is drawn from uniformly, once
 * an image. A number with ± is the widest deviation of a triangular distribution. */
static const struct {
    double corner_miss;         /* ± of each corner, part of the template's side */
    struct range rounding;      /* part of a line that is cut off at a corner */
    struct range height, width; /* of the digit */
    double turn;                /* ± tan of half the angle */
    double slant;               /* ± sideways per upwards */
    double shift;               /* ± of the digit in the image, each way */
    double bend;                /* ± of each node of the field that bends lines */
    double tremble;             /* ± of each point of the line */
    struct range pen;           /* radius of full ink */
    struct range edge;          /* from full ink to none */
    struct range pressure;      /* ink at the stroke's start and at its end, 1: full */
    struct range swell;         /* radius at the stroke's end as a part of that at its start */
    double gap_chance;          /* of a stretch without ink */
    struct range gap;           /* its length, part of the pieces of the line */
    struct range grain;         /* of the paper: each pixel darkens up to this, 1: ink */
    uint32_t specks;            /* at most so many pixels of some ink anywhere */
} hand = {
    .corner_miss = 0.19,
    .rounding = {0.2, 0.4},
    .height = {14, 21},
    .width = {9, 17},
    .turn = 0.15,
    .slant = 0.4,
    .shift = 3,
    .bend = 2.8,
    .tremble = 0.4,
    .pen = {0.3, 1.1},
    .edge = {0.7, 1.3},
    .pressure = {0.6, 1.0},
    .swell = {0.7, 1.4},
    .gap_chance = 0.3,
    .gap = {0.03, 0.12},
    .grain = {0.0, 0.2},
    .specks = 6,
};

enum {
    ROUNDINGS = 2,
    /* Each rounding makes two points of every inner one. */
    POINTS_MAX = 4 * (CCRNN_DIGIT_CORNERS_MAX - 2) + 2,
    /* Nodes of the bending field each way, and the distance between them. */
    NODES = 5,
    NODE_DISTANCE = CCRNN_DIGIT_SIDE / (NODES - 1)
};

struct line {
    size_t count;
    double at[POINTS_MAX][2];
};

static double in_range(struct ccrnn_random *stream, struct range range)
{
    return range.from + (range.to - range.from) * (double)ccrnn_random_uniform(stream);
}

/* Triangular in ± most, standard deviation most / √6. */
static double deviation(struct ccrnn_random *stream, double most)
{
    const double one = (double)ccrnn_random_uniform(stream);
    const double other = (double)ccrnn_random_uniform(stream);
    return most * (one + other - 1);
}

static double clamp(double value, double low, double high)
{
    const double raised = value < low ? low : value;
    return raised > high ? high : raised;
}

/* A pen that goes back the way it came stops there; that corner is not rounded. */
static bool turns_back(const double *before, const double *corner, const double *after)
{
    static const double nearly_straight = 0.9 * 0.9; /* cosine², of the angle between */
    const double ax = corner[0] - before[0], ay = corner[1] - before[1];
    const double bx = after[0] - corner[0], by = after[1] - corner[1];
    const double along = ax * bx + ay * by;
    return along < 0 &&
           along * along > nearly_straight * (ax * ax + ay * ay) * (bx * bx + by * by);
}

static void add_between(struct line *line, const double *from, const double *to, double part)
{
    for (size_t k = 0; k < 2; k++)
        line->at[line->count][k] = from[k] + part * (to[k] - from[k]);
    line->count++;
}

/* Chaikin's corner cutting: an inner point becomes two, `part` of the way to its neighbours. */
static void round_corners(struct line *line, double part)
{
    const struct line sharp = *line;
    line->count = 1;
    for (size_t i = 1; i + 1 < sharp.count; i++) {
        const double *const point = sharp.at[i];
        const double cut = turns_back(sharp.at[i - 1], point, sharp.at[i + 1]) ? 0 : part;
        add_between(line, point, sharp.at[i - 1], cut);
        add_between(line, point, sharp.at[i + 1], cut);
    }
    add_between(line, sharp.at[sharp.count - 1], sharp.at[sharp.count - 1], 0);
}

/* The digit as the hand means it: template, missed corners, roundings. Unit square, y upwards. */
static void draw_line(struct ccrnn_random *stream, size_t digit, struct line *line)
{
    line->count = ccrnn_digit_corners(digit, line->at);
    for (size_t i = 0; i < line->count; i++)
        for (size_t k = 0; k < 2; k++)
            line->at[i][k] += deviation(stream, hand.corner_miss);
    const double part = in_range(stream, hand.rounding);
    for (int i = 0; i < ROUNDINGS; i++)
        round_corners(line, part);
}

/* Size, slant, turn, place: from the unit square to the image. */
static void place_line(struct ccrnn_random *stream, struct line *line)
{
    const double height = in_range(stream, hand.height), width = in_range(stream, hand.width);
    const double slant = deviation(stream, hand.slant);
    const double half = deviation(stream, hand.turn);
    const double cosine = (1 - half * half) / (1 + half * half);
    const double sine = 2 * half / (1 + half * half);
    const double middle = 0.5 * (CCRNN_DIGIT_SIDE - 1);
    const double x0 = middle + deviation(stream, hand.shift);
    const double y0 = middle + deviation(stream, hand.shift);
    for (size_t i = 0; i < line->count; i++) {
        const double up = height * (line->at[i][1] - 0.5);
        const double right = width * (line->at[i][0] - 0.5) + slant * up;
        line->at[i][0] = x0 + cosine * right - sine * up;
        line->at[i][1] = y0 - sine * right - cosine * up;
    }
}

/* Node before a coordinate, and the weight of the next one: smooth, so that lines get no kinks. */
static size_t node_before(double coordinate, double *next)
{
    const double at = clamp(coordinate / NODE_DISTANCE, 0, NODES - 1);
    const size_t node = at < NODES - 2 ? (size_t)at : NODES - 2;
    const double part = at - (double)node;
    *next = part * part * (3 - 2 * part);
    return node;
}

/* Bend the line by a field drawn on a coarse grid; and let the hand tremble. */
static void bend_line(struct ccrnn_random *stream, struct line *line)
{
    double field[NODES][NODES][2];
    for (size_t i = 0; i < NODES; i++)
        for (size_t j = 0; j < NODES; j++)
            for (size_t k = 0; k < 2; k++)
                field[i][j][k] = deviation(stream, hand.bend);
    for (size_t i = 0; i < line->count; i++) {
        double x, y;
        const size_t column = node_before(line->at[i][0], &x);
        const size_t row = node_before(line->at[i][1], &y);
        for (size_t k = 0; k < 2; k++) {
            const double above = (1 - x) * field[row][column][k] + x * field[row][column + 1][k];
            const double below =
                (1 - x) * field[row + 1][column][k] + x * field[row + 1][column + 1][k];
            line->at[i][k] += (1 - y) * above + y * below + deviation(stream, hand.tremble);
        }
    }
}

/* Pixels 0 … 27 that lie in [low, high]: first and one past the last. */
static void pixels_between(double low, double high, size_t *first, size_t *end)
{
    *first = (size_t)clamp(low + 1, 0, CCRNN_DIGIT_SIDE);
    *end = (size_t)clamp(high + 1, 0, CCRNN_DIGIT_SIDE);
}

/* Ink of one piece of line: `strength` up to `radius` from it, none beyond `reach`, between them
 * falling with the square of the distance. Ink over ink is not added. */
static void ink_piece(const double *from, const double *to, double radius, double reach,
                      double strength, double ink[CCRNN_DIGIT_SIDE][CCRNN_DIGIT_SIDE])
{
    const double dx = to[0] - from[0], dy = to[1] - from[1];
    const double square = dx * dx + dy * dy;
    const double per_square = square > 0 ? 1 / square : 0;
    const double fall = strength / (reach * reach - radius * radius);
    size_t left, right, top, bottom;
    pixels_between((dx < 0 ? to : from)[0] - reach, (dx < 0 ? from : to)[0] + reach, &left,
                   &right);
    pixels_between((dy < 0 ? to : from)[1] - reach, (dy < 0 ? from : to)[1] + reach, &top,
                   &bottom);
    for (size_t row = top; row < bottom; row++) {
        const double y = (double)row - from[1];
        for (size_t column = left; column < right; column++) {
            const double x = (double)column - from[0];
            const double along = clamp((x * dx + y * dy) * per_square, 0, 1);
            const double aside_x = x - along * dx, aside_y = y - along * dy;
            const double distance = aside_x * aside_x + aside_y * aside_y;
            const double here = clamp((reach * reach - distance) * fall, 0, strength);
            ink[row][column] = ink[row][column] < here ? here : ink[row][column];
        }
    }
}

/* Go along the line with a pen of its own width, pressure and whims. */
static void ink_line(struct ccrnn_random *stream, const struct line *line,
                     double ink[CCRNN_DIGIT_SIDE][CCRNN_DIGIT_SIDE])
{
    const double radius = in_range(stream, hand.pen), edge = in_range(stream, hand.edge);
    const double swell = in_range(stream, hand.swell);
    const double start = in_range(stream, hand.pressure), end = in_range(stream, hand.pressure);
    const double pieces = (double)(line->count - 1);
    const bool has_gap = (double)ccrnn_random_uniform(stream) < hand.gap_chance;
    const double gap_length = in_range(stream, hand.gap);
    const double gap_start = pieces * (double)ccrnn_random_uniform(stream);
    for (size_t i = 0; i + 1 < line->count; i++) {
        const double at = (double)i, part = at / pieces;
        if (has_gap && at >= gap_start && at < gap_start + gap_length * pieces)
            continue;
        const double here = radius * (1 + part * (swell - 1));
        ink_piece(line->at[i], line->at[i + 1], here, here + edge, start + part * (end - start),
                  ink);
    }
}

/* Specks of ink, then the grain of the paper: four pixels from each 32 random bits. */
static void finish_paper(struct ccrnn_random *stream,
                         double ink[CCRNN_DIGIT_SIDE][CCRNN_DIGIT_SIDE],
                         uint8_t pixels[CCRNN_DIGIT_PIXELS])
{
    enum { PIXELS_A_DRAW = 4, BYTE = 8 };
    static const double full = UINT8_MAX;
    const uint32_t specks = ccrnn_random_below(stream, hand.specks + 1);
    const double grain = in_range(stream, hand.grain);
    double *const flat = &ink[0][0];
    for (uint32_t i = 0; i < specks; i++) {
        const uint32_t place = ccrnn_random_below(stream, CCRNN_DIGIT_PIXELS);
        flat[place] = clamp(flat[place] + (double)ccrnn_random_uniform(stream), 0, 1);
    }
    for (size_t i = 0; i < CCRNN_DIGIT_PIXELS; i += PIXELS_A_DRAW) {
        uint32_t bits = ccrnn_random_u32(stream);
        for (size_t k = i; k < i + PIXELS_A_DRAW; k++, bits >>= BYTE) {
            const double dark = full * flat[k] + grain * (double)(bits & UINT8_MAX);
            pixels[k] = (uint8_t)(clamp(dark, 0, full) + 0.5);
        }
    }
}

void ccrnn_pen_digit(enum ccrnn_pen_split split, uint32_t index,
                     uint8_t pixels[CCRNN_DIGIT_PIXELS], uint8_t *label)
{
    struct ccrnn_random stream;
    struct line line;
    double ink[CCRNN_DIGIT_SIDE][CCRNN_DIGIT_SIDE] = {{0}};
    ccrnn_random_start(&stream, pens_seed, CCRNN_RANDOM_PENS, (uint32_t)split, index);
    const uint32_t digit = ccrnn_random_below(&stream, CCRNN_DIGIT_CLASSES);
    draw_line(&stream, digit, &line);
    place_line(&stream, &line);
    bend_line(&stream, &line);
    ink_line(&stream, &line, ink);
    finish_paper(&stream, ink, pixels);
    *label = (uint8_t)digit;
}

void ccrnn_pen_digits_fill(enum ccrnn_pen_split split, uint32_t first, size_t count,
                           uint8_t *pixels, uint8_t *labels)
{
    for (size_t i = 0; i < count; i++)
        ccrnn_pen_digit(split, first + (uint32_t)i, pixels + i * CCRNN_DIGIT_PIXELS, &labels[i]);
}
