/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usual charge and size of the elements as ions. */
#ifndef VT_IONS_TABLE_H
#define VT_IONS_TABLE_H

#include <stdbool.h>

struct vt_ion {
    int charge;    /* the usual one, e; 0: none is usual */
    bool certain;  /* that charge goes without saying in an electrolyte */
    double radius; /* A; 0: unknown */
};

/* 1 <= atomic_number <= VT_ELEMENTS. */
struct vt_ion vt_ion(int atomic_number);

#endif
