/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "potential/nep_token.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "potential/nep.h"

/* The grammar: a word is one of these rows or it is refused. */
static const struct vt_nep_kind kinds[] = {
    {"nep3", 3, false, 0},
    {"nep3_zbl", 3, true, 0},
    {"nep4", 4, false, 0},
    {"nep4_zbl", 4, true, 0},
    {"nep4_charge1", 4, false, 1},
    {"nep4_charge2", 4, false, 2},
    {"nep4_charge3", 4, false, 3},
    {"nep4_zbl_charge1", 4, true, 1},
    {"nep4_zbl_charge2", 4, true, 2},
    {"nep4_zbl_charge3", 4, true, 3},
    {"nep5", 5, false, 0},
    {"nep5_zbl", 5, true, 0},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Words of models that exist but that we do not run. The first row found in the word counts. */
static const struct {
    const char *part;
    const char *what;
} refusals[] = {
    {"_dipole", "dipole models"},
    {"_polarizability", "polarizability models"},
    {"_temperature", "temperature-dependent models"},
    {"_vdw", "models with van-der-Waals corrections"},
    {"_charge4", "charge mode 4, which existed in development versions of 2025 only,"},
    {"_charge5", "charge mode 5, which existed in development versions of 2025 only,"},
    {"_charge", "this charge mode"},
    {"nep2", "NEP2 models"},
};

enum vt_code vt_nep_kind_of(const char *word, size_t length, const struct vt_nep_kind **kind,
                            struct vt_error *error)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strlen(kinds[i].token) == length && !memcmp(kinds[i].token, word, length)) {
            *kind = &kinds[i];
            return VT_OK;
        }
    }
    char name[64];
    snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 60, word);
    for (size_t i = 0; !strncmp(name, "nep", 3) && i < sizeof refusals / sizeof refusals[0]; i++) {
        if (!strstr(name, refusals[i].part))
            continue;
        vt_fail(error, VT_UNSUPPORTED, "'%s': %s cannot be run", name, refusals[i].what);
        vt_hint(error, "models of energies are run: nep3, nep4, nep5, with _zbl, and nep4 with "
                       "_charge1, _charge2 or _charge3");
        return VT_UNSUPPORTED;
    }
    const char *words[KINDS + 1] = {NULL};
    for (size_t i = 0; i < KINDS; i++)
        words[i] = kinds[i].token;
    const char *nearest = vt_nearest(name, words);
    vt_fail(error, VT_INPUT, "'%s' is no kind of NEP model", name);
    if (nearest)
        vt_hint(error, "did you mean '%s'?", nearest);
    else
        vt_hint(error, "a model file starts with a line such as 'nep4 2 Te Pb'");
    return VT_INPUT;
}

void vt_nep_token(const struct vt_nep *model, char token[32])
{
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].version == model->version && kinds[i].zbl == (model->zbl != VT_ZBL_NONE) &&
            kinds[i].charge_mode == model->charge_mode) {
            snprintf(token, 32, "%s", kinds[i].token);
            return;
        }
    }
    token[0] = 0;
}
