/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGTERM and Ctrl-C as a wish to stop, for jobs that end in good order. One job at a time. */
#ifndef VT_SIGNALS_H
#define VT_SIGNALS_H

#include <stdbool.h>

/* From now on the two signals ask to stop; until vt_signals_leave, after which they end the program
 * again. */
void vt_signals_catch(void);
void vt_signals_leave(void);

/* Since vt_signals_catch. user: not used; the form is that of the jobs' hooks. */
bool vt_signals_ask_to_stop(void *user);

#endif
