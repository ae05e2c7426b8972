/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

/* The one thing that a signal may leave behind. */
static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

static void handle(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

void vt_signals_catch(void)
{
    stop_asked = 0;
    handle(ask_to_stop);
}

void vt_signals_leave(void)
{
    handle(SIG_DFL);
}

bool vt_signals_ask_to_stop(void *user)
{
    (void)user;
    return stop_asked;
}
