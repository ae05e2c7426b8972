/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/trajectory.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "io/amber.h"
#include "io/h5md.h"
#include "md/output_file.h"
#include "md/xyz_dump.h"

struct vt_trajectory {
    const struct vt_run_dump *config;
    const struct vt_md *md;
    const struct vt_nep *model;
    unsigned fields;            /* 1 << enum vt_dump_field */
    struct vt_output_file file; /* extended XYZ; open on rank 0 */
    struct vt_xyz_dump *xyz;
    struct vt_h5md *h5md;
    struct vt_amber *amber;
    double (*position)[3]; /* [n_local] for H5MD and NetCDF: unwrapped */
    size_t position_capacity;
};

static MPI_Comm comm_of(const struct vt_trajectory *trajectory)
{
    return trajectory->md->domain->grid.comm;
}

static bool is_first_rank(const struct vt_trajectory *trajectory)
{
    return trajectory->md->domain->grid.rank == 0;
}

/* NetCDF has the same. */
static unsigned h5md_fields(unsigned fields)
{
    static const unsigned flag[VT_DUMP_FIELDS] = {
        [VT_DUMP_POSITION] = VT_H5MD_POSITION, [VT_DUMP_UNWRAPPED] = VT_H5MD_POSITION,
        [VT_DUMP_IMAGE] = VT_H5MD_IMAGE,       [VT_DUMP_VELOCITY] = VT_H5MD_VELOCITY,
        [VT_DUMP_FORCE] = VT_H5MD_FORCE,       [VT_DUMP_CHARGE] = VT_H5MD_CHARGE,
        [VT_DUMP_ENERGY] = VT_H5MD_ENERGY,     [VT_DUMP_BORN] = VT_H5MD_BORN};
    unsigned result = 0;
    for (int f = 0; f < VT_DUMP_FIELDS; f++)
        if (fields & (1u << f))
            result |= flag[f];
    return result;
}

static enum vt_code open_xyz(struct vt_trajectory *trajectory, const char *path,
                             const struct vt_trajectory_place *place, struct vt_error *error)
{
    const int digits = trajectory->config->precision == VT_DUMP_DOUBLE ? 17 : 9;
    const struct vt_xyz_dump_settings settings = {.model = trajectory->model,
                                                  .fields = trajectory->fields,
                                                  .digits = digits,
                                                  .group = place->group};
    enum vt_code code = vt_xyz_dump_create(&trajectory->xyz, trajectory->md, &settings, error);
    if (code)
        return code;
    if (is_first_rank(trajectory))
        code = vt_output_file_open(&trajectory->file, path, place->keep, error);
    return vt_agree(comm_of(trajectory), code, 0, error);
}

static enum vt_code open_h5md(struct vt_trajectory *trajectory, const char *path,
                              const struct vt_trajectory_place *place,
                              const struct vt_h5md_atoms *atoms, struct vt_error *error)
{
    const struct vt_h5md_note notes[] = {{"model_hash", trajectory->model->hash},
                                         {"group", trajectory->config->group}};
    const struct vt_h5md_options options = {.path = path,
                                            .fields = h5md_fields(trajectory->fields),
                                            .single_precision =
                                                trajectory->config->precision == VT_DUMP_SINGLE,
                                            .periodic = {true, true, true},
                                            .version = place->program,
                                            .n_notes = sizeof notes / sizeof *notes,
                                            .notes = notes};
    return place->keep < 0 ? vt_h5md_create(&trajectory->h5md, comm_of(trajectory), &options, atoms,
                                            false, error)
                           : vt_h5md_append(&trajectory->h5md, comm_of(trajectory), &options, atoms,
                                            place->last_step, error);
}

static enum vt_code open_amber(struct vt_trajectory *trajectory, const char *path,
                               const struct vt_trajectory_place *place,
                               const struct vt_h5md_atoms *atoms, struct vt_error *error)
{
    char title[81];
    const int length = snprintf(title, sizeof title, "model hash %s", trajectory->model->hash);
    if (place->group != VT_ALL_ATOMS)
        snprintf(title + length, sizeof title - (size_t)length, ", group %.40s",
                 trajectory->config->group);
    const struct vt_amber_options options = {
        .path = path,
        .fields = h5md_fields(trajectory->fields),
        .single_precision = trajectory->config->precision == VT_DUMP_SINGLE,
        .unwrapped = (trajectory->fields & (1u << VT_DUMP_UNWRAPPED)) != 0,
        .title = title,
        .version = place->program};
    return place->keep < 0
               ? vt_amber_create(&trajectory->amber, comm_of(trajectory), &options, atoms, error)
               : vt_amber_append(&trajectory->amber, comm_of(trajectory), &options, atoms,
                                 place->keep, error);
}

/* The formats that are given the atoms as they lie, and order them by id. */
static enum vt_code open_by_id(struct vt_trajectory *trajectory, const char *path,
                               const struct vt_trajectory_place *place, struct vt_error *error)
{
    const struct vt_atoms *atoms = &trajectory->md->domain->atoms;
    int *element = NULL;
    int64_t *id = NULL;
    size_t n = 0;
    enum vt_code code =
        vt_alloc(&element, (size_t)atoms->n_local, sizeof *element, "elements", error);
    if (!code)
        code = vt_alloc(&id, (size_t)atoms->n_local, sizeof *id, "ids", error);
    code = vt_agree(comm_of(trajectory), code, 0, error);
    if (code)
        goto done;
    for (int32_t i = 0; i < atoms->n_local; i++)
        if (atoms->groups[i] & place->group) {
            element[n] = trajectory->model->atomic_number[atoms->type[i]];
            id[n++] = atoms->id[i];
        }
    const struct vt_h5md_atoms members = {n, id, element, trajectory->md->domain->n_global};
    code = trajectory->config->format == VT_DUMP_AMBER
               ? open_amber(trajectory, path, place, &members, error)
               : open_h5md(trajectory, path, place, &members, error);
done:
    vt_free(element);
    vt_free(id);
    return code;
}

enum vt_code vt_trajectory_open(struct vt_trajectory **trajectory, const struct vt_run_dump *config,
                                const struct vt_md *md, const struct vt_nep *model,
                                const struct vt_trajectory_place *place, struct vt_error *error)
{
    assert(trajectory && config && md && model && place);
    *trajectory = NULL;
    struct vt_trajectory *made = NULL;
    enum vt_code code = vt_alloc(&made, 1, sizeof *made, "trajectory", error);
    code = vt_agree(md->domain->grid.comm, code, 0, error);
    if (code)
        goto fail;
    made->config = config;
    made->md = md;
    made->model = model;
    for (size_t i = 0; i < config->n_fields; i++)
        made->fields |= 1u << config->fields[i];
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.%s", place->directory, config->name,
             vt_run_dump_ending(config->format));
    code = config->format == VT_DUMP_EXTXYZ ? open_xyz(made, path, place, error)
                                            : open_by_id(made, path, place, error);
    if (code)
        goto fail;
    *trajectory = made;
    return VT_OK;
fail:;
    struct vt_error second = {0};
    vt_trajectory_close(made, &second);
    return code;
}

/* Positions as they are in the frame; borrowed from the atoms or the trajectory. */
static enum vt_code find_positions(struct vt_trajectory *trajectory, const double (**position)[3],
                                   struct vt_error *error)
{
    const struct vt_domain *domain = trajectory->md->domain;
    const struct vt_atoms *atoms = &domain->atoms;
    *position = (const double(*)[3])atoms->position;
    if (!(trajectory->fields & (1u << VT_DUMP_UNWRAPPED)))
        return VT_OK;
    const enum vt_code code =
        vt_reserve(&trajectory->position, &trajectory->position_capacity, (size_t)atoms->n_local,
                   sizeof *trajectory->position, "a frame", error);
    for (int32_t i = 0; !code && i < atoms->n_local; i++) {
        const double image[3] = {atoms->image[i][0], atoms->image[i][1], atoms->image[i][2]};
        vt_cell_cartesian(&domain->cell, image, trajectory->position[i]);
        for (int d = 0; d < 3; d++)
            trajectory->position[i][d] += atoms->position[i][d];
    }
    *position = (const double(*)[3])trajectory->position;
    return code;
}

static enum vt_code write_by_id(struct vt_trajectory *trajectory, struct vt_error *error)
{
    const struct vt_md *md = trajectory->md;
    const struct vt_atoms *atoms = &md->domain->atoms;
    const struct vt_results *results = vt_force_results(md->force);
    struct vt_h5md_frame frame = {.step = md->step,
                                  .time = (double)md->step * md->timestep,
                                  .n = (size_t)atoms->n_local,
                                  .id = atoms->id,
                                  .image = (const int32_t(*)[3])atoms->image,
                                  .velocity = (const double(*)[3])atoms->velocity,
                                  .force = results->forces,
                                  .charge = results->charges,
                                  .energy = results->energies,
                                  .born = results->born};
    memcpy(frame.cell, md->domain->cell.vector, sizeof frame.cell);
    enum vt_code code = find_positions(trajectory, &frame.position, error);
    code = vt_agree(comm_of(trajectory), code, 0, error);
    if (code)
        return code;
    return trajectory->amber ? vt_amber_write(trajectory->amber, &frame, error)
                             : vt_h5md_write(trajectory->h5md, &frame, error);
}

static enum vt_code write_xyz(struct vt_trajectory *trajectory, struct vt_error *error)
{
    enum vt_code code =
        vt_xyz_dump_write(trajectory->xyz, trajectory->md, trajectory->file.file, error);
    if (code)
        return code;
    if (is_first_rank(trajectory))
        code = vt_output_file_flush(&trajectory->file, error);
    return vt_agree(comm_of(trajectory), code, 0, error);
}

bool vt_trajectory_is_due(const struct vt_trajectory *trajectory)
{
    assert(trajectory);
    return trajectory->md->step % trajectory->config->every == 0;
}

enum vt_code vt_trajectory_write(struct vt_trajectory *trajectory, struct vt_error *error)
{
    assert(trajectory && vt_trajectory_is_due(trajectory));
    return trajectory->xyz ? write_xyz(trajectory, error) : write_by_id(trajectory, error);
}

enum vt_code vt_trajectory_sync(struct vt_trajectory *trajectory, int64_t *size,
                                struct vt_error *error)
{
    assert(trajectory && size);
    enum vt_code code = VT_OK;
    *size = 0;
    if (trajectory->amber)
        return vt_amber_sync(trajectory->amber, size, error);
    if (trajectory->file.file)
        code = vt_output_file_sync(&trajectory->file, size, error);
    return vt_agree(comm_of(trajectory), code, 0, error);
}

enum vt_code vt_trajectory_close(struct vt_trajectory *trajectory, struct vt_error *error)
{
    if (!trajectory)
        return VT_OK;
    enum vt_code code = VT_OK;
    if (trajectory->h5md)
        code = vt_h5md_close(trajectory->h5md, error);
    if (trajectory->amber)
        code = vt_amber_close(trajectory->amber, error);
    vt_xyz_dump_destroy(trajectory->xyz);
    vt_output_file_close(&trajectory->file);
    vt_free(trajectory->position);
    vt_free(trajectory);
    return code;
}
