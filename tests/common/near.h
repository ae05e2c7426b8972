/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assertions on real numbers, in double precision and with both numbers in the message. NaN is near
 * nothing. Include after cmocka.h. */
#ifndef NEAR_H
#define NEAR_H

#include <math.h>
#include <stdio.h>

/* |a - b| <= tolerance; and the same for each of n numbers. */
#define assert_near(a, b, tolerance)                                                               \
    near_check((a), (b), (tolerance), &(struct near_place){#a, __FILE__, __LINE__, -1})
#define assert_all_near(a, b, n, tolerance)                                                        \
    near_check_all((a), (b), (n), (tolerance), &(struct near_place){#a, __FILE__, __LINE__, -1})

struct near_place {
    const char *what, *file;
    int line;
    long index; /* -1: a single number */
};

static inline void near_check(double a, double b, double tolerance, const struct near_place *place)
{
    if (fabs(a - b) <= tolerance)
        return;
    char index[32] = "";
    if (place->index >= 0)
        snprintf(index, sizeof index, "[%ld]", place->index);
    print_error("%s%s: %.15g is not %.15g: %.2e apart, %.2e allowed\n", place->what, index, a, b,
                fabs(a - b), tolerance);
    _fail(place->file, place->line);
}

static inline void near_check_all(const double *a, const double *b, size_t n, double tolerance,
                                  const struct near_place *place)
{
    for (size_t i = 0; i < n; i++) {
        const struct near_place here = {place->what, place->file, place->line, (long)i};
        near_check(a[i], b[i], tolerance, &here);
    }
}

#endif
