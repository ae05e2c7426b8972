/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "potential/nep_token.h"

#include <assert.h>
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

/* Parts of words that name models which exist but which we do not run. */
static const struct {
    const char *part;
    const char *what;
} refusals[] = {
    {"_dipole", "dipole models"},
    {"_polarizability", "polarizability models"},
    {"_temperature", "temperature-dependent models"},
    {"_vdw", "models with van der Waals corrections"},
    {"nep2", "NEP2 models"},
};

static enum vt_code refuse(const struct vt_word *word, const char *what, struct vt_error *error)
{
    vt_fail_at(error, word->place, VT_UNSUPPORTED, "'%s': %s are not supported",
               vt_word_shown(word).text, what);
    vt_hint(error,
            "supported are energy models: nep3, nep4 and nep5, also with _zbl, and nep4 with "
            "_charge1, _charge2 or _charge3");
    return VT_UNSUPPORTED;
}

static enum vt_code refuse_unknown(const struct vt_word *word, struct vt_error *error)
{
    const struct vt_shown shown = vt_word_shown(word);
    const char *tokens[KINDS + 1] = {NULL};
    for (size_t i = 0; i < KINDS; i++)
        tokens[i] = kinds[i].token;
    const char *nearest = vt_nearest(shown.text, tokens);
    vt_fail_at(error, word->place, VT_INPUT, "'%s' is not a kind of NEP model", shown.text);
    if (nearest)
        vt_hint(error, "did you mean '%s'?", nearest);
    else
        vt_hint(error, "a model file begins with a line like 'nep4 2 Te Pb'");
    return VT_INPUT;
}

enum vt_code vt_nep_kind_of(const struct vt_word *word, const struct vt_nep_kind **kind,
                            struct vt_error *error)
{
    assert(word && kind);
    for (size_t i = 0; i < KINDS; i++) {
        if (vt_word_is(word, kinds[i].token)) {
            *kind = &kinds[i];
            return VT_OK;
        }
    }
    const struct vt_shown shown = vt_word_shown(word);
    if (strncmp(shown.text, "nep", 3) != 0)
        return refuse_unknown(word, error);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (strstr(shown.text, refusals[i].part))
            return refuse(word, refusals[i].what, error);
    static const char charge[] = "_charge";
    const char *found = strstr(shown.text, charge);
    const char digit = found ? found[sizeof charge - 1] : '0';
    if (digit > '3' && digit <= '9')
        return refuse(word, "charge modes above 3", error);
    return refuse_unknown(word, error);
}

void vt_nep_token(const struct vt_nep *model, char token[32])
{
    assert(model && token);
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].version == model->version && kinds[i].zbl == (model->zbl != VT_ZBL_NONE) &&
            kinds[i].charge_mode == model->charge_mode) {
            snprintf(token, 32, "%s", kinds[i].token);
            return;
        }
    }
    token[0] = 0;
}
