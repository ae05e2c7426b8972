/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Effective ionic radii of R. D. Shannon, Acta Cryst. A 32, 751 (1976), for the charge beside them:
 * six neighbours (high spin), where six are listed; else the nearest number that is. The rare gases
 * have half their distances in the crystal. Elements that take several charges in compounds with
 * one another have the most frequent one, which is then not certain. */
#include "structure/ions_table.h"

#include <assert.h>

#include "base/elements.h"

enum { USUAL = false, SURE = true };

static const struct vt_ion ions[VT_ELEMENTS + 1] = {
    [1] = {1, SURE, -0.18},   /* H */
    [2] = {0, USUAL, 1.5},    /* He */
    [3] = {1, SURE, 0.76},    /* Li */
    [4] = {2, SURE, 0.45},    /* Be */
    [5] = {3, SURE, 0.27},    /* B */
    [6] = {4, USUAL, 0.16},   /* C */
    [7] = {-3, USUAL, 1.46},  /* N */
    [8] = {-2, SURE, 1.40},   /* O */
    [9] = {-1, SURE, 1.33},   /* F */
    [10] = {0, USUAL, 1.58},  /* Ne */
    [11] = {1, SURE, 1.02},   /* Na */
    [12] = {2, SURE, 0.72},   /* Mg */
    [13] = {3, SURE, 0.535},  /* Al */
    [14] = {4, SURE, 0.40},   /* Si */
    [15] = {5, SURE, 0.38},   /* P */
    [16] = {-2, SURE, 1.84},  /* S */
    [17] = {-1, SURE, 1.81},  /* Cl */
    [18] = {0, USUAL, 1.88},  /* Ar */
    [19] = {1, SURE, 1.38},   /* K */
    [20] = {2, SURE, 1.00},   /* Ca */
    [21] = {3, SURE, 0.745},  /* Sc */
    [22] = {4, SURE, 0.605},  /* Ti */
    [23] = {5, USUAL, 0.54},  /* V */
    [24] = {3, USUAL, 0.615}, /* Cr */
    [25] = {2, USUAL, 0.83},  /* Mn */
    [26] = {3, USUAL, 0.645}, /* Fe */
    [27] = {2, USUAL, 0.745}, /* Co */
    [28] = {2, USUAL, 0.69},  /* Ni */
    [29] = {2, USUAL, 0.73},  /* Cu */
    [30] = {2, SURE, 0.74},   /* Zn */
    [31] = {3, SURE, 0.62},   /* Ga */
    [32] = {4, SURE, 0.53},   /* Ge */
    [33] = {5, USUAL, 0.46},  /* As */
    [34] = {-2, SURE, 1.98},  /* Se */
    [35] = {-1, SURE, 1.96},  /* Br */
    [36] = {0, USUAL, 2.02},  /* Kr */
    [37] = {1, SURE, 1.52},   /* Rb */
    [38] = {2, SURE, 1.18},   /* Sr */
    [39] = {3, SURE, 0.90},   /* Y */
    [40] = {4, SURE, 0.72},   /* Zr */
    [41] = {5, SURE, 0.64},   /* Nb */
    [42] = {6, USUAL, 0.59},  /* Mo */
    [43] = {7, USUAL, 0.56},  /* Tc */
    [44] = {4, USUAL, 0.62},  /* Ru */
    [45] = {3, USUAL, 0.665}, /* Rh */
    [46] = {2, USUAL, 0.86},  /* Pd */
    [47] = {1, SURE, 1.15},   /* Ag */
    [48] = {2, SURE, 0.95},   /* Cd */
    [49] = {3, SURE, 0.80},   /* In */
    [50] = {4, USUAL, 0.69},  /* Sn */
    [51] = {5, USUAL, 0.60},  /* Sb */
    [52] = {-2, USUAL, 2.21}, /* Te */
    [53] = {-1, SURE, 2.20},  /* I */
    [54] = {0, USUAL, 2.16},  /* Xe */
    [55] = {1, SURE, 1.67},   /* Cs */
    [56] = {2, SURE, 1.35},   /* Ba */
    [57] = {3, SURE, 1.032},  /* La */
    [58] = {3, USUAL, 1.01},  /* Ce */
    [59] = {3, USUAL, 0.99},  /* Pr */
    [60] = {3, SURE, 0.983},  /* Nd */
    [61] = {3, SURE, 0.97},   /* Pm */
    [62] = {3, USUAL, 0.958}, /* Sm */
    [63] = {3, USUAL, 0.947}, /* Eu */
    [64] = {3, SURE, 0.938},  /* Gd */
    [65] = {3, USUAL, 0.923}, /* Tb */
    [66] = {3, SURE, 0.912},  /* Dy */
    [67] = {3, SURE, 0.901},  /* Ho */
    [68] = {3, SURE, 0.890},  /* Er */
    [69] = {3, SURE, 0.880},  /* Tm */
    [70] = {3, USUAL, 0.868}, /* Yb */
    [71] = {3, SURE, 0.861},  /* Lu */
    [72] = {4, SURE, 0.71},   /* Hf */
    [73] = {5, SURE, 0.64},   /* Ta */
    [74] = {6, SURE, 0.60},   /* W */
    [75] = {7, USUAL, 0.53},  /* Re */
    [76] = {4, USUAL, 0.63},  /* Os */
    [77] = {4, USUAL, 0.625}, /* Ir */
    [78] = {4, USUAL, 0.625}, /* Pt */
    [79] = {3, USUAL, 0.85},  /* Au */
    [80] = {2, USUAL, 1.02},  /* Hg */
    [81] = {1, USUAL, 1.50},  /* Tl */
    [82] = {2, USUAL, 1.19},  /* Pb */
    [83] = {3, USUAL, 1.03},  /* Bi */
    [84] = {4, USUAL, 0.94},  /* Po */
    [87] = {1, SURE, 1.80},   /* Fr */
    [88] = {2, SURE, 1.48},   /* Ra */
    [89] = {3, SURE, 1.12},   /* Ac */
    [90] = {4, SURE, 0.94},   /* Th */
    [91] = {5, USUAL, 0.78},  /* Pa */
    [92] = {6, USUAL, 0.73},  /* U */
    [93] = {5, USUAL, 0.75},  /* Np */
    [94] = {4, USUAL, 0.86},  /* Pu */
    [95] = {3, USUAL, 0.975}, /* Am */
    [96] = {3, USUAL, 0.97},  /* Cm */
    [97] = {3, USUAL, 0.96},  /* Bk */
    [98] = {3, USUAL, 0.95},  /* Cf */
};

struct vt_ion vt_ion(int atomic_number)
{
    assert(atomic_number >= 1 && atomic_number <= VT_ELEMENTS);
    return ions[atomic_number];
}
