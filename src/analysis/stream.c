/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/stream.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "io/structure.h"

/* Nearer than this to half a cell, which image an atom went to is not certain. */
#define LARGEST_JUMP 0.45

enum { FS_PER_PS = 1000 };

struct vt_stream {
    struct vt_stream_options options;
    size_t next_path;
    struct vt_structure_reader *reader; /* NULL between files */
    struct vt_frame frame;
    int64_t n_read, n_used, n_after_from;
    double last_time; /* fs, of the frame read before; NAN if there is none or it has no time */
    bool ended;
    /* of the atoms, made with the first frame */
    size_t n;
    uint8_t *element;
    double *weight;       /* in the centre that drift is measured by */
    double (*wrapped)[3]; /* of the frame before: within the cell, or as read if not periodic */
    double (*image)[3];   /* likewise; whole numbers, however large a file has them */
    double (*unwrapped)[3];
    double (*position)[3];
    double centre[3]; /* of the first frame */
    struct vt_snapshot snapshot;
};

static struct vt_place place_of(const struct vt_stream *stream)
{
    return (struct vt_place){stream->frame.file, stream->frame.line, 0};
}

static enum vt_code allocate(struct vt_stream *stream, struct vt_error *error)
{
    const size_t n = stream->n;
    enum vt_code code = vt_alloc(&stream->element, n, 1, "elements", error);
    if (!code)
        code = vt_alloc(&stream->weight, n, sizeof *stream->weight, "masses", error);
    if (!code)
        code = vt_alloc(&stream->wrapped, n, sizeof *stream->wrapped, "positions", error);
    if (!code)
        code = vt_alloc(&stream->image, n, sizeof *stream->image, "images", error);
    if (!code)
        code = vt_alloc(&stream->unwrapped, n, sizeof *stream->unwrapped, "positions", error);
    if (!code)
        code = vt_alloc(&stream->position, n, sizeof *stream->position, "positions", error);
    return code;
}

/* Masses of the atoms that drift is measured by, normalised. */
static enum vt_code weigh(struct vt_stream *stream, struct vt_error *error)
{
    const struct vt_stream_options *options = &stream->options;
    if (options->drift == VT_DRIFT_NONE)
        return VT_OK;
    double total = 0;
    for (size_t i = 0; i < stream->n; i++) {
        const bool counts =
            options->drift == VT_DRIFT_ALL || !options->is_mobile[stream->element[i]];
        stream->weight[i] = counts ? vt_element_mass(stream->element[i]) : 0;
        total += stream->weight[i];
    }
    if (total == 0) {
        vt_fail_at(error, place_of(stream), VT_INPUT,
                   "no atom is left for the framework: all are of the mobile elements");
        vt_hint(error, "take the drift of all atoms off, or none: --drift all, --drift none");
        return VT_INPUT;
    }
    for (size_t i = 0; i < stream->n; i++)
        stream->weight[i] /= total;
    return VT_OK;
}

static enum vt_code begin(struct vt_stream *stream, struct vt_error *error)
{
    const struct vt_frame *frame = &stream->frame;
    if (frame->n_atoms == 0)
        return vt_fail_at(error, place_of(stream), VT_INPUT, "the frame has no atoms");
    stream->n = frame->n_atoms;
    enum vt_code code = allocate(stream, error);
    if (code)
        return code;
    memcpy(stream->element, frame->element, stream->n);
    return weigh(stream, error);
}

static enum vt_code check_atoms(const struct vt_stream *stream, struct vt_error *error)
{
    const struct vt_frame *frame = &stream->frame;
    if (frame->n_atoms != stream->n)
        return vt_fail_at(error, place_of(stream), VT_INPUT,
                          "the frame has %zu atoms, those before have %zu", frame->n_atoms,
                          stream->n);
    for (size_t i = 0; i < stream->n; i++)
        if (frame->element[i] != stream->element[i])
            return vt_fail_at(
                error, place_of(stream), VT_INPUT, "atom %zu is %s here and %s in the first frame",
                i + 1, vt_element_symbol(frame->element[i]), vt_element_symbol(stream->element[i]));
    return VT_OK;
}

static enum vt_code set_cell(struct vt_stream *stream, struct vt_error *error)
{
    const struct vt_frame *frame = &stream->frame;
    if (!frame->has_cell)
        return vt_fail_at(error, place_of(stream), VT_INPUT, "the frame has no cell");
    struct vt_error inner = {0};
    const enum vt_code code =
        vt_cell_init(&stream->snapshot.cell, (const double(*)[3])frame->cell, &inner);
    if (code)
        return vt_fail_at(error, place_of(stream), code, "%s", inner.message);
    memcpy(stream->snapshot.periodic, frame->periodic, sizeof frame->periodic);
    return VT_OK;
}

static const double *reals_of(const struct vt_frame *frame, const char *name, size_t width)
{
    const struct vt_column *column = vt_frame_column(frame, name);
    return column && column->type == VT_REAL && column->width == width ? column->real : NULL;
}

static const double *first_of(const struct vt_frame *frame, const char *const names[2],
                              size_t width)
{
    const double *values = reals_of(frame, names[0], width);
    return values ? values : reals_of(frame, names[1], width);
}

static void set_columns(struct vt_stream *stream)
{
    static const char *const velocity[] = {"vel", "velocities"},
                             *const force[] = {"forces", "force"},
                             *const charge[] = {"charges", "charge"},
                             *const energy[] = {"energies", "energy"};
    const struct vt_frame *frame = &stream->frame;
    struct vt_snapshot *snapshot = &stream->snapshot;
    snapshot->n = stream->n;
    snapshot->element = stream->element;
    snapshot->position = (const double(*)[3])stream->position;
    snapshot->as_read = (const double(*)[3])frame->position;
    snapshot->velocity = (const double(*)[3])first_of(frame, velocity, 3);
    snapshot->force = (const double(*)[3])first_of(frame, force, 3);
    snapshot->charge = first_of(frame, charge, 1);
    snapshot->energy = first_of(frame, energy, 1);
    snapshot->place = place_of(stream);
}

/* ---- time ---- */

static bool real_key(const struct vt_frame *frame, const char *name, double *value)
{
    const struct vt_key *key = vt_frame_key(frame, name);
    if (!key || key->count != 1 || (key->type != VT_REAL && key->type != VT_INTEGER))
        return false;
    *value = key->type == VT_REAL ? key->real[0] : (double)key->integer[0];
    return true;
}

static double time_of(const struct vt_stream *stream)
{
    double time;
    if (stream->options.frame_time > 0)
        return (double)stream->n_read * stream->options.frame_time;
    if (real_key(&stream->frame, "time_ps", &time))
        return time * FS_PER_PS;
    return real_key(&stream->frame, "time_fs", &time) ? time : NAN;
}

static enum vt_code check_time(struct vt_stream *stream, bool *repeated, struct vt_error *error)
{
    const double time = time_of(stream);
    *repeated = time == stream->last_time;
    if (time < stream->last_time) {
        vt_fail_at(error, place_of(stream), VT_INPUT,
                   "the frame is of %.10g ps, the one before of %.10g ps", time / FS_PER_PS,
                   stream->last_time / FS_PER_PS);
        vt_hint(error, "give the files in the order of time");
        return VT_INPUT;
    }
    const bool wanted = isfinite(stream->options.from) || isfinite(stream->options.to);
    if (wanted && isnan(time)) {
        vt_fail_at(error, place_of(stream), VT_INPUT, "the frame does not say its time");
        vt_hint(error, "give the time between frames with --frame-time");
        return VT_INPUT;
    }
    stream->snapshot.time = stream->last_time = time;
    return VT_OK;
}

/* ---- unwrapping ---- */

/* Images of the frame, if they are to be used and there. */
static enum vt_code find_images(const struct vt_stream *stream, const int64_t **images,
                                struct vt_error *error)
{
    *images = NULL;
    const enum vt_unwrap unwrap = stream->options.unwrap;
    if (unwrap == VT_UNWRAP_NEAREST || unwrap == VT_UNWRAP_NONE)
        return VT_OK;
    const struct vt_column *column = vt_frame_column(&stream->frame, "image");
    if (column && column->type == VT_INTEGER && column->width == 3) {
        *images = column->integer;
        return VT_OK;
    }
    if (unwrap == VT_UNWRAP_AUTO)
        return VT_OK;
    vt_fail_at(error, place_of(stream), VT_INPUT, "the frame has no images");
    vt_hint(error, "they are a column of three integers, `image`; or use --unwrap nearest");
    return VT_INPUT;
}

/* Bring the position into the cell; image: counts what was taken off. */
static void wrap(const struct vt_snapshot *snapshot, const double as_read[3], double wrapped[3],
                 double image[3])
{
    double fractional[3];
    vt_cell_fractional(&snapshot->cell, as_read, fractional);
    for (int d = 0; d < 3; d++) {
        image[d] = snapshot->periodic[d] ? floor(fractional[d]) : 0;
        fractional[d] -= image[d];
    }
    vt_cell_cartesian(&snapshot->cell, fractional, wrapped);
}

/* The way of an atom since the frame before, from wrapped positions to the nearest image; false if
 * that is not certain. */
static bool nearest_way(const struct vt_cell *cell, const bool periodic[3], double way[3])
{
    double fractional[3];
    vt_cell_fractional(cell, way, fractional);
    bool certain = true;
    for (int d = 0; d < 3; d++) {
        if (!periodic[d])
            continue;
        fractional[d] -= round(fractional[d]);
        certain = certain && fabs(fractional[d]) <= LARGEST_JUMP;
    }
    vt_cell_cartesian(cell, fractional, way);
    return certain;
}

static enum vt_code fail_jump(const struct vt_stream *stream, size_t i, struct vt_error *error)
{
    vt_fail_at(error, place_of(stream), VT_INPUT,
               "atom %zu (%s) moves by about half of the cell since the frame before, so that its "
               "way is not certain",
               i + 1, vt_element_symbol(stream->element[i]));
    vt_hint(error, "the trajectory needs images, or frames nearer in time; --unwrap none if its "
                   "positions are unwrapped");
    return VT_INPUT;
}

static enum vt_code follow_atom(struct vt_stream *stream, size_t i, const int64_t *images,
                                struct vt_error *error)
{
    const struct vt_snapshot *snapshot = &stream->snapshot;
    double wrapped[3], image[3], way[3];
    wrap(snapshot, stream->frame.position[i], wrapped, image);
    for (int d = 0; d < 3; d++) {
        image[d] += images ? (double)images[3 * i + (size_t)d] : 0;
        way[d] = wrapped[d] - stream->wrapped[i][d];
    }
    if (images)
        for (int d = 0; d < 3; d++)
            for (int k = 0; k < 3; k++)
                way[k] += (image[d] - stream->image[i][d]) * snapshot->cell.vector[d][k];
    else if (!nearest_way(&snapshot->cell, snapshot->periodic, way))
        return fail_jump(stream, i, error);
    for (int d = 0; d < 3; d++) {
        stream->unwrapped[i][d] += way[d];
        stream->wrapped[i][d] = wrapped[d];
        stream->image[i][d] = image[d];
    }
    return VT_OK;
}

static void place_atom(struct vt_stream *stream, size_t i, const int64_t *images)
{
    double image[3];
    wrap(&stream->snapshot, stream->frame.position[i], stream->wrapped[i], image);
    for (int d = 0; d < 3; d++) {
        image[d] += images ? (double)images[3 * i + (size_t)d] : 0;
        stream->image[i][d] = image[d];
        stream->unwrapped[i][d] = stream->wrapped[i][d];
    }
}

static enum vt_code unwrap(struct vt_stream *stream, struct vt_error *error)
{
    const int64_t *images;
    enum vt_code code = find_images(stream, &images, error);
    if (code)
        return code;
    if (stream->options.unwrap == VT_UNWRAP_NONE) {
        memcpy(stream->unwrapped, stream->frame.position, stream->n * sizeof *stream->unwrapped);
        return VT_OK;
    }
    for (size_t i = 0; i < stream->n && !code; i++)
        if (stream->n_read == 0)
            place_atom(stream, i, images);
        else
            code = follow_atom(stream, i, images, error);
    return code;
}

static void remove_drift(struct vt_stream *stream)
{
    double centre[3] = {0}, *drift = stream->snapshot.drift;
    for (size_t i = 0; i < stream->n; i++)
        for (int d = 0; d < 3; d++)
            centre[d] += stream->weight[i] * stream->unwrapped[i][d];
    if (stream->n_read == 0)
        memcpy(stream->centre, centre, sizeof centre);
    for (int d = 0; d < 3; d++)
        drift[d] = centre[d] - stream->centre[d];
    for (size_t i = 0; i < stream->n; i++)
        for (int d = 0; d < 3; d++)
            stream->position[i][d] = stream->unwrapped[i][d] - drift[d];
}

/* ---- frames ---- */

/* The next frame of the files, into stream->frame. */
static enum vt_code read_frame(struct vt_stream *stream, bool *end, struct vt_error *error)
{
    for (*end = false;;) {
        enum vt_code code = VT_OK;
        if (!stream->reader) {
            *end = stream->next_path == stream->options.n_paths;
            if (*end)
                return VT_OK;
            code = vt_structure_open(&stream->reader, stream->options.paths[stream->next_path++],
                                     error);
        }
        bool file_ended = false;
        if (!code)
            code = vt_structure_read(stream->reader, &stream->frame, &file_ended, error);
        if (code || !file_ended)
            return code;
        vt_structure_close(stream->reader);
        stream->reader = NULL;
    }
}

/* Take in the frame that was read. *used: it is one of those wanted. */
static enum vt_code take(struct vt_stream *stream, bool *used, struct vt_error *error)
{
    bool repeated = false;
    *used = false;
    enum vt_code code = stream->n == 0 ? begin(stream, error) : check_atoms(stream, error);
    if (!code)
        code = check_time(stream, &repeated, error);
    if (code || repeated)
        return code;
    code = set_cell(stream, error);
    if (!code)
        code = unwrap(stream, error);
    if (code)
        return code;
    remove_drift(stream);
    set_columns(stream);
    stream->n_read++;
    const double time = stream->snapshot.time;
    if (time > stream->options.to) {
        stream->ended = true;
        return VT_OK;
    }
    if (time < stream->options.from)
        return VT_OK;
    *used = stream->n_after_from % stream->options.every == 0;
    stream->n_after_from++;
    return VT_OK;
}

enum vt_code vt_stream_next(struct vt_stream *stream, const struct vt_snapshot **snapshot,
                            bool *end, struct vt_error *error)
{
    bool used = false;
    *snapshot = NULL;
    while (!used) {
        enum vt_code code = stream->ended ? VT_OK : read_frame(stream, &stream->ended, error);
        if (!code && !stream->ended)
            code = take(stream, &used, error);
        *end = stream->ended;
        if (code || stream->ended)
            return code;
    }
    stream->snapshot.index = stream->n_used++;
    *snapshot = &stream->snapshot;
    return VT_OK;
}

enum vt_code vt_stream_rewind(struct vt_stream *stream, struct vt_error *error)
{
    for (size_t p = 0; p < stream->options.n_paths; p++)
        if (strcmp(stream->options.paths[p], "-") == 0)
            return vt_fail(error, VT_INPUT, "standard input cannot be read twice");
    vt_structure_close(stream->reader);
    stream->reader = NULL;
    stream->next_path = 0;
    stream->n_read = stream->n_used = stream->n_after_from = 0;
    stream->last_time = NAN;
    stream->ended = false;
    return VT_OK;
}

int64_t vt_stream_used(const struct vt_stream *stream)
{
    return stream->n_used;
}

int64_t vt_stream_read(const struct vt_stream *stream)
{
    return stream->n_read;
}

enum vt_code vt_stream_open(struct vt_stream **stream, const struct vt_stream_options *options,
                            struct vt_error *error)
{
    assert(options->n_paths > 0 && options->every >= 1 && options->frame_time >= 0);
    const enum vt_code code = vt_alloc(stream, 1, sizeof **stream, "a stream of frames", error);
    if (code)
        return code;
    (*stream)->options = *options;
    (*stream)->last_time = NAN;
    return VT_OK;
}

void vt_stream_close(struct vt_stream *stream)
{
    if (!stream)
        return;
    vt_structure_close(stream->reader);
    vt_frame_destroy(&stream->frame);
    vt_free(stream->element);
    vt_free(stream->weight);
    vt_free(stream->wrapped);
    vt_free(stream->image);
    vt_free(stream->unwrapped);
    vt_free(stream->position);
    vt_free(stream);
}
