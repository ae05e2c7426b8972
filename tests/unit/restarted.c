/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "restarted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 8 };

void assert_ensemble_refused(struct moving *moving, const struct vt_ensemble_settings *settings,
                             const char *message, const char *hint)
{
    struct vt_error error = {0};
    struct vt_ensemble *ensemble;
    assert_int_equal(vt_ensemble_create(&ensemble, settings, &moving->md, &error), VT_INPUT);
    assert_null(ensemble);
    assert_string_equal(error.message, message);
    if (hint)
        assert_string_equal(error.hint, hint);
}

/* Another system with the atoms, the cell and the step of `from`. */
static void take_over(struct moving *to, const struct moving_options *options,
                      const struct moving *from)
{
    moving_create(to, options);
    const struct vt_atoms *source = &from->domain.atoms;
    struct vt_atoms *atoms = &to->domain.atoms;
    const size_t n = (size_t)source->n_local;
    assert_int_equal(vt_cell_init(&to->domain.cell, from->domain.cell.vector, NULL), VT_OK);
    memcpy(atoms->position, source->position, n * sizeof *atoms->position);
    memcpy(atoms->velocity, source->velocity, n * sizeof *atoms->velocity);
    memcpy(atoms->image, source->image, n * sizeof *atoms->image);
    to->md.step = from->md.step;
    moving_rebuild(to);
}

double assert_restarts(const struct moving_options *options,
                       const struct vt_ensemble_settings *settings)
{
    enum { HALF = 25 };
    struct moving whole, second;
    double saved[VT_ENSEMBLE_STATE], position[2][MOST][3] = {{{0}}}, velocity[2][MOST][3] = {{{0}}};
    moving_create(&whole, options);
    assert_in_range(whole.domain.n_global, 1, MOST);
    struct vt_ensemble *ensemble = moving_ensemble(&whole, settings);
    moving_steps(ensemble, HALF);
    moving_rebuild(&whole);
    vt_ensemble_save(ensemble, saved);
    take_over(&second, options, &whole);
    struct vt_ensemble *restored = moving_ensemble(&second, settings);
    vt_ensemble_restore(restored, saved);
    moving_steps(ensemble, HALF);
    moving_steps(restored, HALF);
    moving_gather(&whole, position[0], velocity[0]);
    moving_gather(&second, position[1], velocity[1]);
    assert_memory_equal(position[0], position[1], sizeof position[0]);
    assert_memory_equal(velocity[0], velocity[1], sizeof velocity[0]);
    assert_memory_equal(whole.domain.cell.vector, second.domain.cell.vector,
                        sizeof whole.domain.cell.vector);
    const bool cell_stays = settings->barostat == VT_BAROSTAT_NONE;
    const double edge = options->sites[0] * MOVING_SPACING;
    assert_true((whole.domain.cell.vector[0][0] == edge) == cell_stays);
    const double exchanged = vt_ensemble_exchanged(ensemble);
    assert_true(exchanged == vt_ensemble_exchanged(restored));
    vt_ensemble_destroy(ensemble);
    vt_ensemble_destroy(restored);
    moving_destroy(&whole);
    moving_destroy(&second);
    return exchanged;
}
