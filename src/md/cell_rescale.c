/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic cell rescaling: M. Bernetti, G. Bussi, J. Chem. Phys. 153, 114107 (2020); for the
 * shape V. Del Tatto, P. Raiteri, M. Bernetti, G. Bussi, Appl. Sci. 12, 1139 (2022);
 * docs/theory.md 8.6.
 *
 * The cell moves in the middle of the drift, with the virial of the step's begin and the velocities
 * of its middle, so that the same step with its end's virial leads back. Volume (by its root, whose
 * noise is constant) and then shape (traceless strains, whose noise depends on the volume alone:
 * the mean of before and after) take one step of Euler and Maruyama each. How much more probable
 * the step is than the way back is known in closed form once the new virial is: that, and the
 * change of the free energy, is what the barostat has exchanged. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/units.h"
#include "md/barostat.h"
#include "md/strain.h"

enum { EXCHANGED };                                        /* the state */
enum { NORMALS = 7, NORMAL_VOLUME = 0, NORMAL_SHAPE = 1 }; /* random numbers of a step */

/* What moves the cell at one end of the step. */
struct drive {
    double root;        /* of the volume */
    double speed;       /* of the root, per fs, without noise */
    double shape[3][3]; /* traceless part of volume x pressure, eV */
};

/* The way from one end to the other. */
struct move {
    double root;             /* what is added to the root of the volume */
    double mean_volume;      /* geometric */
    double strain[3][3];     /* volume and shape together */
    double distortion[3][3]; /* the shape alone: traceless */
};

/* Compressibility over relaxation time, A^3/(eV fs). */
static double rate(const struct vt_ensemble *ensemble)
{
    return ensemble->settings.compressibility / ensemble->settings.pressure_time;
}

static double kt(const struct vt_ensemble *ensemble)
{
    return VT_BOLTZMANN * ensemble->temperature;
}

static struct drive drive(const struct vt_ensemble *ensemble, const double tensor[9])
{
    const struct vt_cell *cell = &ensemble->md->domain->cell;
    const double volume = cell->volume, mean = (tensor[0] + tensor[4] + tensor[8]) / 3;
    struct drive drive = {.root = sqrt(volume)};
    drive.speed = 0.5 * rate(ensemble) * drive.root *
                  ((mean + 0.5 * kt(ensemble)) / volume - ensemble->pressure);
    vt_strain_part(ensemble->settings.coupling, cell, tensor, drive.shape);
    for (int d = 0; d < 3; d++)
        drive.shape[d][d] -= mean;
    return drive;
}

/* Normal numbers in the directions that the coupling leaves to the shape: the traceless part of a
 * matrix whose nine numbers have the variance 1, made symmetric. */
static void draw_shape(enum vt_coupling coupling, const double normal[6], double shape[3][3])
{
    memset(shape, 0, 9 * sizeof(double));
    if (coupling == VT_ISOTROPIC)
        return;
    const double mean = (normal[0] + normal[1] + normal[2]) / 3;
    for (int d = 0; d < 3; d++)
        shape[d][d] = normal[d] - mean;
    for (int d = 0; d < 3 && coupling == VT_ANISOTROPIC; d++) {
        const int i = (d + 1) % 3, j = (d + 2) % 3;
        shape[i][j] = shape[j][i] = sqrt(0.5) * normal[3 + d];
    }
}

static void choose(const struct vt_ensemble *ensemble, const struct drive *from, struct move *move)
{
    const struct vt_md *md = ensemble->md;
    const struct vt_random random = {md->seed, VT_STREAM_CELL_RESCALE};
    const struct vt_random_point point = {.step = (uint64_t)md->step};
    const double dt = md->timestep, diffusion = kt(ensemble) * rate(ensemble);
    double normal[NORMALS], noise[3][3];
    vt_random_gaussian(random, point, NORMALS, normal);
    draw_shape(ensemble->settings.coupling, normal + NORMAL_SHAPE, noise);

    move->root = dt * from->speed + sqrt(0.5 * diffusion * dt) * normal[NORMAL_VOLUME];
    move->mean_volume = from->root * (from->root + move->root);
    const double pull = rate(ensemble) * dt / (3 * move->mean_volume);
    const double spread = sqrt(2 * diffusion * dt / (3 * move->mean_volume));
    const double lengths = 2.0 / 3 * log1p(move->root / from->root);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            move->distortion[i][j] = pull * from->shape[i][j] + spread * noise[i][j];
            move->strain[i][j] = move->distortion[i][j] + (i == j ? lengths : 0);
        }
}

/* A tensor of nine numbers after x -> x m. */
static void carry(const double m[3][3], double *tensor)
{
    double old[3][3], carried[3][3];
    memcpy(old, tensor, sizeof old);
    vt_strain_carry(m, (const double(*)[3])old, carried);
    memcpy(tensor, carried, sizeof carried);
}

/* Kinetic tensor and distortion are carried along. */
static enum vt_code apply(struct vt_ensemble *ensemble, struct move *move, double kinetic[9],
                          struct vt_error *error)
{
    struct vt_md *md = ensemble->md;
    struct vt_strain_map map;
    vt_strain_map(ensemble->settings.coupling, &md->domain->cell, (const double(*)[3])move->strain,
                  &map);
    vt_md_drift(md, -0.5 * md->timestep); /* back to the middle */
    const enum vt_code code = vt_md_deform(md, (const double(*)[3])map.positions,
                                           (const double(*)[3])map.velocities, error);
    if (code)
        return code;
    vt_md_drift(md, 0.5 * md->timestep);
    carry((const double(*)[3])map.velocities, kinetic);
    carry((const double(*)[3])map.turn, &move->distortion[0][0]);
    return VT_OK;
}

static double product(const double a[3][3], const double b[3][3])
{
    return vt_dot(a[0], b[0]) + vt_dot(a[1], b[1]) + vt_dot(a[2], b[2]);
}

/* What one end of the step adds to the exchanged energy; side: -1 at its begin, 1 at its end. Both
 * together: work against the target pressure, what the measure of the volume is worth, and kT times
 * the logarithm of how much more probable the step is than the way back. */
static double share(const struct vt_ensemble *ensemble, const struct drive *drive,
                    const struct move *move, int side)
{
    assert(side == 1 || side == -1);
    const double(*shape)[3] = drive->shape;
    const double dt = ensemble->md->timestep;
    const double measure =
        ensemble->pressure * drive->root * drive->root - kt(ensemble) * log(drive->root);
    const double volume =
        2 / rate(ensemble) * drive->speed * (move->root + 0.5 * side * dt * drive->speed);
    const double distortion =
        0.5 * product((const double(*)[3])move->distortion, shape) +
        side * rate(ensemble) * dt / (12 * move->mean_volume) * product(shape, shape);
    return side * measure + volume + distortion;
}

/* Kinetic tensor and virial, eV. */
static void add_virial(const struct vt_md *md, const double kinetic[9], double tensor[9])
{
    const double *virial = vt_force_results(md->force)->virial;
    for (int c = 0; c < 9; c++)
        tensor[c] = kinetic[c] + virial[c];
}

static enum vt_code evaluate(struct vt_ensemble *ensemble, struct vt_error *error)
{
    struct vt_md *md = ensemble->md;
    double *exchanged = &ensemble->barostat_state[EXCHANGED];
    double kinetic[9], tensor[9];
    struct move move;
    vt_md_kinetic_tensor(md, kinetic);
    add_virial(md, kinetic, tensor);
    const struct drive from = drive(ensemble, tensor);
    choose(ensemble, &from, &move);
    enum vt_code code = vt_barostat_guard(ensemble, (const double(*)[3])move.strain, tensor, error);
    if (code)
        return code;
    *exchanged += share(ensemble, &from, &move, -1);
    code = apply(ensemble, &move, kinetic, error);
    if (!code)
        code = vt_md_evaluate(md, error);
    if (code)
        return code;
    add_virial(md, kinetic, tensor);
    const struct drive to = drive(ensemble, tensor);
    *exchanged += share(ensemble, &to, &move, 1);
    return VT_OK;
}

static enum vt_code check(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    const struct vt_ensemble_settings *settings = &ensemble->settings;
    if (settings->thermostat == VT_THERMOSTAT_NONE) {
        vt_fail(error, VT_INPUT, "cell rescaling needs a thermostat: its noise heats and cools");
        vt_hint(error, "Bussi, with a temperature, is usual");
        return VT_INPUT;
    }
    if (!(settings->compressibility > 0 && isfinite(settings->compressibility))) {
        vt_fail(error, VT_INPUT, "a compressibility of %g/GPa cannot be",
                settings->compressibility / VT_GPA_PER_PRESSURE);
        vt_hint(error,
                "0.01/GPa to 0.1/GPa suits solids, 0.5/GPa liquids; it only sets how fast the "
                "cell responds");
        return VT_INPUT;
    }
    return vt_barostat_check(ensemble, error);
}

static double exchanged_of(const struct vt_ensemble *ensemble)
{
    return ensemble->barostat_state[EXCHANGED];
}

const struct vt_barostat_ops vt_cell_rescale_barostat = {
    .name = "cell-rescaling", .check = check, .evaluate = evaluate, .exchanged = exchanged_of};
