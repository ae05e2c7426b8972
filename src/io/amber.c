/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rank writes the rows of its block of ids to their places in the file, of one variable after
 * the other; rank 0 writes time and cell besides. Only when all ranks have done so does rank 0
 * count the frame, in the head. So a frame that is not whole is one that no reader knows of, and
 * a restart writes over it.
 *
 * A frame is handed to the system, not to the disk, which would take longer than many a step: a
 * machine that loses power may show frames that are not whole, until a restart goes back to the
 * checkpoint, with which all came to the disk. */
#include "io/amber.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/agree.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"
#include "io/amber_file.h"
#include "io/by_id.h"

/* Units of the file in one of ours. e N_A / 4184: exact since 2019. */
static const double kcal_per_mol = 23.060547830619026, ps_per_fs = 1e-3, fs_per_ps = 1e3;

const struct vt_amber_field vt_amber_fields[VT_AMBER_FIELDS] = {
    {VT_H5MD_POSITION, "coordinates", "angstrom", 3, false},
    {VT_H5MD_IMAGE, "image", NULL, 3, true},
    {VT_H5MD_VELOCITY, "velocities", "angstrom/picosecond", 3, false},
    {VT_H5MD_FORCE, "forces", "kilocalorie/mole/angstrom", 3, false},
    {VT_H5MD_CHARGE, "charge", "e", 1, false},
    {VT_H5MD_ENERGY, "potential_energy", "eV", 1, false},
};

/* ---- the object ---- */

enum vt_code vt_amber_new(struct vt_amber **amber, MPI_Comm comm,
                          const struct vt_amber_options *options, struct vt_error *error)
{
    assert(amber && options);
    assert(comm != MPI_COMM_NULL);
    struct vt_amber *new = NULL;
    enum vt_code code = vt_alloc(&new, 1, sizeof *new, "a trajectory", error);
    if (!code) {
        new->comm = MPI_COMM_NULL;
        new->file = -1;
        new->fields = options->fields;
        new->single_precision = options->single_precision;
        code = vt_copy_text(&new->path, options->path, "a file name", error);
    }
    code = vt_agree(comm, code, 0, error);
    if (code) {
        vt_free(new ? new->path : NULL);
        vt_free(new);
        new = NULL;
    } else {
        MPI_Comm_dup(comm, &new->comm);
        MPI_Comm_rank(comm, &new->rank);
    }
    *amber = new;
    return code;
}

enum vt_code vt_amber_fail(const struct vt_amber *amber, enum vt_code code, const char *what,
                           struct vt_error *error)
{
    assert(amber && what);
    assert(code != VT_OK);
    return vt_fail_at(error, (struct vt_place){amber->path, 0, 0}, code, "%s: %s", what,
                      strerror(errno));
}

enum vt_code vt_amber_put(const struct vt_amber *amber, const void *bytes, size_t n, uint64_t at,
                          struct vt_error *error)
{
    assert(amber && amber->file >= 0);
    assert(bytes || n == 0);
    const char *from = bytes;
    while (n > 0) {
        const ssize_t done = pwrite(amber->file, from, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return vt_amber_fail(amber, VT_IO, "writing the trajectory failed", error);
        from += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return VT_OK;
}

enum vt_code vt_amber_count(const struct vt_amber *amber, struct vt_error *error)
{
    assert(amber && amber->file >= 0);
    assert(amber->n_frames >= 0);
    unsigned char count[4];
    vt_netcdf_put_integer(count, (int32_t)amber->n_frames);
    return vt_amber_put(amber, count, sizeof count, VT_NETCDF_COUNT_AT, error);
}

enum vt_code vt_amber_close(struct vt_amber *amber, struct vt_error *error)
{
    if (!amber)
        return VT_OK;
    enum vt_code code = VT_OK;
    if (amber->file >= 0 && close(amber->file) != 0)
        code = vt_amber_fail(amber, VT_IO, "writing the trajectory failed", error);
    code = vt_agree(amber->comm, code, 0, error);
    MPI_Comm_free(&amber->comm);
    vt_by_id_destroy(&amber->blocks);
    vt_free(amber->is_member);
    vt_free(amber->packed);
    vt_free(amber->column);
    vt_free(amber->path);
    vt_free(amber);
    return code;
}

enum vt_code vt_amber_sync(struct vt_amber *amber, int64_t *size, struct vt_error *error)
{
    assert(amber && size);
    enum vt_code code = VT_OK;
    if (fsync(amber->file) != 0 && errno != EINVAL)
        code = vt_amber_fail(amber, VT_IO, "writing the trajectory failed", error);
    *size =
        (int64_t)(amber->head.frames_begin + (uint64_t)amber->n_frames * amber->head.frame_size);
    return vt_agree(amber->comm, code, 0, error);
}

/* ---- the cell ---- */

/* Sets the orientation of the format: vector' = axes x vector. */
static void find_axes(struct vt_amber *amber, const double cell[3][3])
{
    amber->swapped = vt_mat3_determinant(cell) < 0;
    const double *a = cell[amber->swapped ? 1 : 0], *b = cell[amber->swapped ? 0 : 1];
    double(*axes)[3] = amber->axes;
    vt_cross(a, b, axes[2]);
    const double length = vt_norm(a), area = vt_norm(axes[2]);
    for (int d = 0; d < 3; d++) {
        axes[0][d] = a[d] / length;
        axes[2][d] /= area;
    }
    vt_cross(axes[2], axes[0], axes[1]);
}

/* Degrees. The arc tangent is right to the last digits at any angle, and 90 where the product is
 * zero. */
static double angle(const double a[3], const double b[3])
{
    double cross[3];
    vt_cross(a, b, cross);
    return atan2(vt_norm(cross), vt_dot(a, b)) * 180 / VT_PI;
}

/* time, cell_lengths and cell_angles: the first variables of a frame. */
static enum vt_code write_cell(const struct vt_amber *amber, const struct vt_h5md_frame *frame,
                               uint64_t at, struct vt_error *error)
{
    const double *a = frame->cell[amber->swapped ? 1 : 0], *b = frame->cell[amber->swapped ? 0 : 1];
    const double *c = frame->cell[2];
    const double numbers[7] = {ps_per_fs * frame->time,
                               vt_norm(a),
                               vt_norm(b),
                               vt_norm(c),
                               angle(b, c),
                               angle(a, c),
                               angle(a, b)};
    unsigned char bytes[VT_AMBER_CELL_BYTES];
    for (int k = 0; k < 7; k++)
        vt_netcdf_put_double(bytes + 8 * k, numbers[k]);
    return vt_amber_put(amber, bytes, sizeof bytes, at, error);
}

/* ---- the atoms ---- */

static size_t bytes_of(const struct vt_amber *amber, const struct vt_amber_field *field)
{
    return (size_t)field->width * (field->is_integer || amber->single_precision ? 4 : 8);
}

static size_t row_size(const struct vt_amber *amber)
{
    size_t size = 0;
    for (int f = 0; f < VT_AMBER_FIELDS; f++)
        if (amber->fields & vt_amber_fields[f].bit)
            size += bytes_of(amber, &vt_amber_fields[f]);
    return size;
}

static unsigned char *put_real(const struct vt_amber *amber, double value, unsigned char *to)
{
    if (amber->single_precision) {
        vt_netcdf_put_float(to, (float)value);
        return to + 4;
    }
    vt_netcdf_put_double(to, value);
    return to + 8;
}

static unsigned char *put_vector(const struct vt_amber *amber, const double vector[3],
                                 double factor, unsigned char *to)
{
    for (int k = 0; k < 3; k++)
        to = put_real(amber, factor * vt_dot(amber->axes[k], vector), to);
    return to;
}

static unsigned char *put_image(const struct vt_amber *amber, const int32_t image[3],
                                unsigned char *to)
{
    const int32_t turned[3] = {image[amber->swapped ? 1 : 0], image[amber->swapped ? 0 : 1],
                               image[2]};
    for (int k = 0; k < 3; k++, to += 4)
        vt_netcdf_put_integer(to, turned[k]);
    return to;
}

/* Atom i as the file is to have it, in the order of the fields. */
static void pack_atom(const struct vt_amber *amber, const struct vt_h5md_frame *frame, size_t i,
                      unsigned char *to)
{
    const unsigned fields = amber->fields;
    to = put_vector(amber, frame->position[i], 1, to);
    if (fields & VT_H5MD_IMAGE)
        to = put_image(amber, frame->image[i], to);
    if (fields & VT_H5MD_VELOCITY)
        to = put_vector(amber, frame->velocity[i], fs_per_ps, to);
    if (fields & VT_H5MD_FORCE)
        to = put_vector(amber, frame->force[i], kcal_per_mol, to);
    if (fields & VT_H5MD_CHARGE)
        to = put_real(amber, frame->charge[i], to);
    if (fields & VT_H5MD_ENERGY)
        put_real(amber, frame->energy[i], to);
}

/* Brings the rows to their blocks. */
static enum vt_code gather(struct vt_amber *amber, const struct vt_h5md_frame *frame,
                           struct vt_error *error)
{
    const size_t size = row_size(amber);
    enum vt_code code =
        vt_reserve(&amber->packed, &amber->packed_capacity, frame->n * size, 1, "a frame", error);
    for (size_t i = 0; !code && i < frame->n; i++)
        pack_atom(amber, frame, i, amber->packed + i * size);
    code = vt_agree(amber->comm, code, 0, error);
    if (!code)
        code = vt_by_id_forward(&amber->blocks, frame->n, frame->id, amber->packed, size, error);
    if (code)
        return code;
    for (size_t i = 0; !code && i < amber->blocks.n; i++)
        if (amber->is_member[i] && !amber->blocks.present[i])
            code = vt_fail_at(error, (struct vt_place){amber->path, 0, 0}, VT_FAILED,
                              "atom %lld is missing from a frame",
                              (long long)(amber->blocks.first + (int64_t)i + 1));
    if (!code)
        code = vt_reserve(&amber->column, &amber->column_capacity, amber->n_members * 24, 1,
                          "a frame", error);
    return vt_agree(amber->comm, code, 0, error);
}

/* One variable of this rank's members; offset: in the rows. */
static enum vt_code write_field(struct vt_amber *amber, const struct vt_amber_field *field,
                                size_t offset, uint64_t at, struct vt_error *error)
{
    assert(field && field->width > 0);
    const size_t bytes = bytes_of(amber, field), size = row_size(amber);
    unsigned char *to = amber->column;
    for (size_t i = 0; i < amber->blocks.n; i++) {
        if (!amber->is_member[i])
            continue;
        memcpy(to, amber->blocks.rows + i * size + offset, bytes);
        to += bytes;
    }
    return vt_amber_put(amber, amber->column, (size_t)(to - amber->column),
                        at + (uint64_t)amber->first_row * bytes, error);
}

static enum vt_code write_frame(struct vt_amber *amber, const struct vt_h5md_frame *frame,
                                struct vt_error *error)
{
    uint64_t at = amber->head.frames_begin + (uint64_t)amber->n_frames * amber->head.frame_size;
    size_t offset = 0;
    enum vt_code code = amber->rank == 0 ? write_cell(amber, frame, at, error) : VT_OK;
    at += VT_AMBER_CELL_BYTES;
    for (int f = 0; f < VT_AMBER_FIELDS && !code; f++) {
        const struct vt_amber_field *field = &vt_amber_fields[f];
        if (!(amber->fields & field->bit))
            continue;
        code = write_field(amber, field, offset, at, error);
        offset += bytes_of(amber, field);
        at += (uint64_t)amber->n_rows * bytes_of(amber, field);
    }
    assert(code || (at - amber->head.frames_begin) % amber->head.frame_size == 0);
    return vt_agree(amber->comm, code, 0, error);
}

enum vt_code vt_amber_write(struct vt_amber *amber, const struct vt_h5md_frame *frame,
                            struct vt_error *error)
{
    assert(amber && frame && error && (frame->id || frame->n == 0));
    if (amber->n_frames == INT32_MAX)
        return vt_fail_at(error, (struct vt_place){amber->path, 0, 0}, VT_IO,
                          "the format holds no more than %d frames", INT32_MAX);
    find_axes(amber, frame->cell);
    enum vt_code code = gather(amber, frame, error);
    if (!code)
        code = write_frame(amber, frame, error);
    if (code)
        return code;
    amber->n_frames++;
    if (amber->rank == 0)
        code = vt_amber_count(amber, error);
    return vt_agree(amber->comm, code, 0, error);
}
