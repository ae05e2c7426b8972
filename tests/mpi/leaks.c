/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells the sanitizers, in builds that have them, that Open MPI keeps memory until the process
 * ends. Its libraries are only recognised if the whole call stack of each allocation is kept. */

const char *__asan_default_options(void);
const char *__lsan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

const char *__lsan_default_suppressions(void)
{
    return "leak:libmpi.so\n"
           "leak:libopen-pal.so\n"
           "leak:libopen-rte.so\n"
           "leak:libpmix.so\n"
           "leak:libevent";
}
