#include "ccrnn/measure.h"

#include <math.h>

#include "measure/path.h"

#define TWO_PI 6.283185307179586
/* SPARC's published parameters: zero padding to 2^4 times the profile, rounded up to a power of
 * two; the highest frequency looked at, in Hz; the smallest amplitude that counts. */
#define PADDING 16.0
#define FREQUENCY_MAX 10.0
#define AMPLITUDE_MIN 0.05

/* Below this many speeds a profile has no shape, and no second difference. */
enum { SPEEDS_MIN = 3 };

/* Frequencies computed side by side. */
enum { BLOCK = 32 };

/* n speeds: given, or those of a path, where the factor `rate` is left out: both measures are
 * independent of a profile's size. */
struct profile {
    const double *speed;
    struct ccrnn_path path; /* taken if it has a start */
    size_t n;
    double rate;
};

static double speed_at(const struct profile *profile, size_t i)
{
    if (profile->path.start != NULL)
        return ccrnn_vector_length(ccrnn_path_move(&profile->path, i, i + 1));
    return profile->speed[i];
}

static struct profile profile_of_speed(const double *speed, size_t n, double rate)
{
    return (struct profile){.speed = speed, .n = n, .rate = rate};
}

static struct profile profile_of_path(const struct ccrnn_path *path)
{
    const size_t n = path->steps > 0 ? path->steps - 1 : 0;
    return (struct profile){.path = *path, .n = n, .rate = (double)n};
}

/* Frequencies are k · rate / points, k = 0 … bins − 1. */
struct spectrum {
    const struct profile *profile;
    double points; /* after padding */
    double total;  /* amplitude at 0 Hz, the largest of all: no speed is negative */
    size_t bins;
    double cos_step[BLOCK], sin_step[BLOCK]; /* of 2πj / points */
};

/* NaN if a speed is NaN or negative, else infinite if one is. */
static double sum_of_speeds(const struct profile *profile)
{
    double sum = 0.0;
    for (size_t i = 0; i < profile->n; i++) {
        const double v = speed_at(profile, i);
        if (!(v >= 0.0))
            return NAN;
        sum += v;
    }
    return sum;
}

static void plan_spectrum(const struct profile *profile, double total, struct spectrum *spectrum)
{
    size_t padded = 1;
    while (padded < profile->n)
        padded *= 2;
    *spectrum =
        (struct spectrum){.profile = profile, .points = PADDING * (double)padded, .total = total};
    const double step = profile->rate / spectrum->points;
    const double highest = fmin(FREQUENCY_MAX, 0.5 * profile->rate);
    spectrum->bins = (size_t)(highest / step) + 1;
    for (size_t j = 0; j < BLOCK; j++) {
        spectrum->cos_step[j] = cos(TWO_PI * (double)j / spectrum->points);
        spectrum->sin_step[j] = sin(TWO_PI * (double)j / spectrum->points);
    }
}

/* |V| at frequencies first … first + BLOCK − 1, divided by |V| at 0 Hz. V = Σ v_i zⁱ by Horner's
 * rule, two speeds at a time: V ← V z² + (v_i + v_{i+1} z). With z on the unit circle it is as
 * precise as the plain sum. */
static void amplitudes(const struct spectrum *spectrum, size_t first, double amplitude[BLOCK])
{
    const size_t n = spectrum->profile->n;
    const double angle = TWO_PI * (double)first / spectrum->points;
    const double c = cos(angle), s = sin(angle);
    double z_re[BLOCK], z_im[BLOCK], zz_re[BLOCK], zz_im[BLOCK], re[BLOCK] = {0}, im[BLOCK] = {0};
    for (size_t j = 0; j < BLOCK; j++) {
        z_re[j] = c * spectrum->cos_step[j] - s * spectrum->sin_step[j];
        z_im[j] = c * spectrum->sin_step[j] + s * spectrum->cos_step[j];
        zz_re[j] = z_re[j] * z_re[j] - z_im[j] * z_im[j];
        zz_im[j] = 2.0 * z_re[j] * z_im[j];
    }
    for (size_t i = n + n % 2; i > 0; i -= 2) {
        const double even = speed_at(spectrum->profile, i - 2);
        const double odd = i > n ? 0.0 : speed_at(spectrum->profile, i - 1);
        for (size_t j = 0; j < BLOCK; j++) {
            const double re_zz = re[j] * zz_re[j] - im[j] * zz_im[j];
            im[j] = re[j] * zz_im[j] + im[j] * zz_re[j] + odd * z_im[j];
            re[j] = re_zz + (even + odd * z_re[j]);
        }
    }
    for (size_t j = 0; j < BLOCK; j++)
        amplitude[j] = sqrt(re[j] * re[j] + im[j] * im[j]) / spectrum->total;
}

/* The last frequency whose amplitude counts. Looked for from the top, so that no amplitude has to
 * be kept for a profile of any length. */
static size_t last_bin(const struct spectrum *spectrum)
{
    double amplitude[BLOCK];
    for (size_t block = (spectrum->bins - 1) / BLOCK + 1; block-- > 0;) {
        amplitudes(spectrum, block * BLOCK, amplitude);
        for (size_t j = BLOCK; j-- > 0;) {
            const size_t bin = block * BLOCK + j;
            if (bin < spectrum->bins && amplitude[j] >= AMPLITUDE_MIN)
                return bin;
        }
    }
    return 0;
}

static double arc_length(const struct spectrum *spectrum, size_t last)
{
    const double along = 1.0 / (double)last;
    double amplitude[BLOCK], before = 1.0, sum = 0.0;
    for (size_t first = 0; first <= last; first += BLOCK) {
        amplitudes(spectrum, first, amplitude);
        for (size_t j = first == 0 ? 1 : 0; j < BLOCK && first + j <= last; j++) {
            const double up = amplitude[j] - before;
            sum += sqrt(along * along + up * up);
            before = amplitude[j];
        }
    }
    return sum;
}

static bool has_rate(double rate)
{
    return rate > 0.0 && isfinite(rate);
}

static double sparc(const struct profile *profile)
{
    if (profile->n < SPEEDS_MIN || !has_rate(profile->rate))
        return NAN;
    const double total = sum_of_speeds(profile);
    if (!(total > 0.0) || isinf(total))
        return NAN;
    struct spectrum spectrum;
    plan_spectrum(profile, total, &spectrum);
    const size_t last = last_bin(&spectrum);
    return last == 0 ? (double)NAN : -arc_length(&spectrum, last);
}

/* d³/p² Σ j² dt = (n dt)³ Σ (Δ²v / p)² dt⁻⁴ dt = n³ Σ (Δ²v / p)². */
static double log_dimensionless_jerk(const struct profile *profile)
{
    if (profile->n < SPEEDS_MIN || !has_rate(profile->rate))
        return NAN;
    double peak = 0.0;
    for (size_t i = 0; i < profile->n; i++) {
        const double v = speed_at(profile, i);
        if (!isfinite(v))
            return NAN;
        peak = fmax(peak, fabs(v));
    }
    double first = speed_at(profile, 0), second = speed_at(profile, 1), sum = 0.0;
    for (size_t i = 2; i < profile->n; i++) {
        const double third = speed_at(profile, i);
        const double change = (third - 2.0 * second + first) / peak;
        sum += change * change;
        first = second;
        second = third;
    }
    const double n = (double)profile->n;
    return sum > 0.0 ? -log(n * n * n * sum) : (double)NAN;
}

double ccrnn_path_sparc(const struct ccrnn_path *path)
{
    const struct profile profile = profile_of_path(path);
    return sparc(&profile);
}

double ccrnn_path_log_dimensionless_jerk(const struct ccrnn_path *path)
{
    const struct profile profile = profile_of_path(path);
    return log_dimensionless_jerk(&profile);
}

double ccrnn_measure_sparc(const double *speed, size_t n, double rate)
{
    const struct profile profile = profile_of_speed(speed, n, rate);
    return sparc(&profile);
}

double ccrnn_measure_log_dimensionless_jerk(const double *speed, size_t n, double rate)
{
    const struct profile profile = profile_of_speed(speed, n, rate);
    return log_dimensionless_jerk(&profile);
}
