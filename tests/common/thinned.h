/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fewer cases where each takes many times as long: in builds with the address sanitizer, which look
 * for what goes wrong in memory and not for numbers. Cases are left out so that each kind of model
 * and each kind of structure still comes, and a line of the log says so. All other builds run all.
 */
#ifndef THINNED_H
#define THINNED_H

#include <stdbool.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
#define THINNED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define THINNED 1
#endif
#endif
#ifndef THINNED
#define THINNED 0
#endif

/* Is the case of this number one of those left out, all but every `every`-th? For two loops the
 * sum of their counters is a number that meets each value of either. */
static inline bool thinned(int number, int every)
{
    return THINNED && number % every != 0;
}

/* Once, before the cases. */
static inline void thinned_say(const char *cases, int every)
{
    if (THINNED)
        printf("    under the sanitizers: one in %d of the %s\n", every, cases);
}

#endif
