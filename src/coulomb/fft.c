/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/fft.h"

#include <assert.h>
#include <fftw3.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"

/* Fewer points than this are not worth one more rank's messages. */
static const double points_of_a_rank = 8192;

enum { REAL, MIDDLE, WAVES, STAGES }; /* pencils along the last, the second, the first axis */

/* Of either precision; NULL for a rank without points. */
struct plans {
    fftw_plan forward, backward;
    fftwf_plan forward_single, backward_single;
};

struct vt_fft {
    struct vt_fft_layout layout;
    int at[2];                 /* of this rank in the grid; -1: not in it */
    MPI_Comm row, column;      /* owned: ranks with the same part of the first axis, of the last */
    struct vt_box box[STAGES]; /* in complex numbers, but for REAL */
    void *data[STAGES];        /* the same array wherever nothing is exchanged */
    void *storage[STAGES];     /* owned */
    struct plans plans[STAGES];
    struct vt_remap *remap[2]; /* REAL to MIDDLE, MIDDLE to WAVES; NULL: in place */
};

static void destroy_plans(struct plans *plans)
{
    if (plans->forward)
        fftw_destroy_plan(plans->forward);
    if (plans->backward)
        fftw_destroy_plan(plans->backward);
    if (plans->forward_single)
        fftwf_destroy_plan(plans->forward_single);
    if (plans->backward_single)
        fftwf_destroy_plan(plans->backward_single);
}

void vt_fft_destroy(struct vt_fft *fft)
{
    if (!fft)
        return;
    for (int s = 0; s < STAGES; s++) {
        destroy_plans(&fft->plans[s]);
        vt_free(fft->storage[s]);
    }
    vt_remap_destroy(fft->remap[0]);
    vt_remap_destroy(fft->remap[1]);
    if (fft->row != MPI_COMM_NULL)
        MPI_Comm_free(&fft->row);
    if (fft->column != MPI_COMM_NULL)
        MPI_Comm_free(&fft->column);
    vt_free(fft);
}

/* ---- who has what ---- */

/* Slabs as long as each rank gets a plane, pencils beyond. */
static void choose_parts(struct vt_fft_layout *layout)
{
    const int *n = layout->size, ranks = vt_rank_count(layout->comm);
    const double points = (double)n[0] * n[1] * n[2];
    int most = (int)(points / points_of_a_rank < ranks ? points / points_of_a_rank : ranks);
    if (most < 1)
        most = 1;
    const int planes = n[0] < n[1] ? n[0] : n[1];
    layout->parts[1] = (most + planes - 1) / planes;
    layout->parts[0] = most / layout->parts[1];
}

/* Part `index` of [0, n). */
static void set_part(int n, int parts, int index, int *from, int *to)
{
    *from = (int)((long long)n * index / parts);
    *to = (int)((long long)n * (index + 1) / parts);
}

static void set_boxes(struct vt_fft *fft)
{
    const int *n = fft->layout.size, *parts = fft->layout.parts, half = n[2] / 2 + 1;
    struct vt_box *box = fft->box;
    if (fft->at[0] < 0)
        return; /* all empty */
    for (int s = 0; s < STAGES; s++)
        box[s] = (struct vt_box){.to = {n[0], n[1], half}};
    set_part(n[0], parts[0], fft->at[0], &box[REAL].from[0], &box[REAL].to[0]);
    set_part(n[1], parts[1], fft->at[1], &box[REAL].from[1], &box[REAL].to[1]);
    set_part(n[0], parts[0], fft->at[0], &box[MIDDLE].from[0], &box[MIDDLE].to[0]);
    set_part(half, parts[1], fft->at[1], &box[MIDDLE].from[2], &box[MIDDLE].to[2]);
    set_part(n[1], parts[0], fft->at[0], &box[WAVES].from[1], &box[WAVES].to[1]);
    set_part(half, parts[1], fft->at[1], &box[WAVES].from[2], &box[WAVES].to[2]);
    box[REAL].to[2] = n[2];
    box[REAL].pitch = 2 * half;
    box[MIDDLE].pitch = box[MIDDLE].to[2] - box[MIDDLE].from[2];
    box[WAVES].pitch = box[WAVES].to[2] - box[WAVES].from[2];
}

/* The box of a stage, its complex numbers counted as two real ones each. */
static struct vt_box in_reals(const struct vt_fft *fft, int stage)
{
    struct vt_box box = fft->box[stage];
    box.from[2] *= 2;
    box.to[2] *= 2;
    box.pitch *= 2;
    if (stage == REAL)
        box.to[2] = box.pitch = fft->box[REAL].pitch;
    return box;
}

static enum vt_code make_remap(struct vt_fft *fft, int step, struct vt_error *error)
{
    const int *size = fft->layout.size;
    const MPI_Comm comm = step == 0 ? fft->row : fft->column;
    enum vt_code code = VT_OK;
    if (fft->at[0] >= 0 && vt_rank_count(comm) > 1) {
        const struct vt_remap_layout layout = {.comm = comm,
                                               .size = {size[0], size[1], 2 * (size[2] / 2 + 1)},
                                               .source = in_reals(fft, step),
                                               .target = in_reals(fft, step + 1),
                                               .single = fft->layout.single};
        code = vt_remap_create(&fft->remap[step], &layout, error);
    }
    return vt_agree(fft->layout.comm, code, 0, error);
}

/* ---- plans ---- */

/* Of the pencils of a stage: their length and how far apart their numbers are, and the two counts
 * of pencils, in complex numbers (REAL: half rows). */
static void set_dimensions(const struct vt_fft *fft, int stage, fftw_iodim64 *line,
                           fftw_iodim64 many[2])
{
    const struct vt_box *box = &fft->box[stage];
    int count[3];
    for (int d = 0; d < 3; d++)
        count[d] = box->to[d] - box->from[d];
    const ptrdiff_t row = stage == REAL ? box->pitch / 2 : box->pitch, plane = row * count[1];
    const ptrdiff_t apart[3] = {plane, row, 1};
    const int along = stage == REAL ? 2 : stage == MIDDLE ? 1 : 0;
    *line = (fftw_iodim64){count[along], apart[along], apart[along]};
    int next = 0;
    for (int d = 0; d < 3; d++)
        if (d != along)
            many[next++] = (fftw_iodim64){count[d], apart[d], apart[d]};
}

static bool plan_double(struct vt_fft *fft, int stage)
{
    fftw_iodim64 line, many[2];
    struct plans *plans = &fft->plans[stage];
    double *real = fft->data[stage];
    fftw_complex *complex = fft->data[stage];
    set_dimensions(fft, stage, &line, many);
    if (stage != REAL) {
        plans->forward =
            fftw_plan_guru64_dft(1, &line, 2, many, complex, complex, FFTW_FORWARD, FFTW_ESTIMATE);
        plans->backward =
            fftw_plan_guru64_dft(1, &line, 2, many, complex, complex, FFTW_BACKWARD, FFTW_ESTIMATE);
        return plans->forward && plans->backward;
    }
    fftw_iodim64 there[2] = {many[0], many[1]}, back[2] = {many[0], many[1]};
    for (int d = 0; d < 2; d++)
        there[d].is = back[d].os = 2 * many[d].is; /* real numbers on that side */
    plans->forward = fftw_plan_guru64_dft_r2c(1, &line, 2, there, real, complex, FFTW_ESTIMATE);
    plans->backward = fftw_plan_guru64_dft_c2r(1, &line, 2, back, complex, real, FFTW_ESTIMATE);
    return plans->forward && plans->backward;
}

static bool plan_single(struct vt_fft *fft, int stage)
{
    fftw_iodim64 line, many[2];
    struct plans *plans = &fft->plans[stage];
    float *real = fft->data[stage];
    fftwf_complex *complex = fft->data[stage];
    set_dimensions(fft, stage, &line, many);
    if (stage != REAL) {
        plans->forward_single =
            fftwf_plan_guru64_dft(1, &line, 2, many, complex, complex, FFTW_FORWARD, FFTW_ESTIMATE);
        plans->backward_single = fftwf_plan_guru64_dft(1, &line, 2, many, complex, complex,
                                                       FFTW_BACKWARD, FFTW_ESTIMATE);
        return plans->forward_single && plans->backward_single;
    }
    fftw_iodim64 there[2] = {many[0], many[1]}, back[2] = {many[0], many[1]};
    for (int d = 0; d < 2; d++)
        there[d].is = back[d].os = 2 * many[d].is;
    plans->forward_single =
        fftwf_plan_guru64_dft_r2c(1, &line, 2, there, real, complex, FFTW_ESTIMATE);
    plans->backward_single =
        fftwf_plan_guru64_dft_c2r(1, &line, 2, back, complex, real, FFTW_ESTIMATE);
    return plans->forward_single && plans->backward_single;
}

/* Arrays and plans of the stages. */
static enum vt_code make_stages(struct vt_fft *fft, struct vt_error *error)
{
    const size_t number = fft->layout.single ? sizeof(float) : sizeof(double);
    for (int s = 0; s < STAGES; s++) {
        if (s > REAL && !fft->remap[s - 1]) {
            fft->data[s] = fft->data[s - 1];
        } else {
            const size_t numbers = vt_box_numbers(&fft->box[s]) * (s == REAL ? 1 : 2);
            const enum vt_code code = vt_alloc(&fft->storage[s], numbers, number, "mesh", error);
            if (code)
                return code;
            fft->data[s] = fft->storage[s];
        }
        if (vt_box_empty(&fft->box[s]))
            continue;
        if (!(fft->layout.single ? plan_single(fft, s) : plan_double(fft, s)))
            return vt_fail(error, VT_FAILED, "FFTW has no plan for a mesh of %d x %d x %d",
                           fft->layout.size[0], fft->layout.size[1], fft->layout.size[2]);
    }
    return VT_OK;
}

static void make_grid(struct vt_fft *fft)
{
    const int rank = vt_rank(fft->layout.comm), *parts = fft->layout.parts;
    const bool takes_part = rank < parts[0] * parts[1];
    fft->row = fft->column = MPI_COMM_NULL;
    fft->at[0] = takes_part ? rank / parts[1] : -1;
    fft->at[1] = takes_part ? rank % parts[1] : -1;
    if (fft->layout.comm == MPI_COMM_NULL)
        return;
    MPI_Comm_split(fft->layout.comm, takes_part ? fft->at[0] : MPI_UNDEFINED, rank, &fft->row);
    MPI_Comm_split(fft->layout.comm, takes_part ? fft->at[1] : MPI_UNDEFINED, rank, &fft->column);
}

enum vt_code vt_fft_create(struct vt_fft **fft, const struct vt_fft_layout *layout,
                           struct vt_error *error)
{
    assert(layout->size[0] > 0 && layout->size[1] > 0 && layout->size[2] > 0);
    assert(fft && (layout->parts[0] == 0) == (layout->parts[1] == 0));
    enum vt_code code = vt_alloc(fft, 1, sizeof **fft, "mesh", error);
    code = vt_agree(layout->comm, code, 0, error);
    if (code)
        goto fail;
    (*fft)->layout = *layout;
    if (layout->parts[0] == 0)
        choose_parts(&(*fft)->layout);
    assert((*fft)->layout.parts[0] * (*fft)->layout.parts[1] <= vt_rank_count(layout->comm));
    make_grid(*fft);
    set_boxes(*fft);
    code = make_remap(*fft, 0, error);
    if (!code)
        code = make_remap(*fft, 1, error);
    if (!code)
        code = make_stages(*fft, error);
    code = vt_agree(layout->comm, code, 0, error);
    if (!code)
        return VT_OK;
fail:
    vt_fft_destroy(*fft);
    *fft = NULL;
    return code;
}

/* ---- at work ---- */

static void run(const struct vt_fft *fft, int stage, bool forward)
{
    const struct plans *plans = &fft->plans[stage];
    if (vt_box_empty(&fft->box[stage]))
        return;
    if (fft->layout.single)
        fftwf_execute(forward ? plans->forward_single : plans->backward_single);
    else
        fftw_execute(forward ? plans->forward : plans->backward);
}

void vt_fft_forward(struct vt_fft *fft)
{
    for (int s = 0; s < STAGES; s++) {
        if (s > REAL && fft->remap[s - 1])
            vt_remap_sum(fft->remap[s - 1], fft->data[s - 1], fft->data[s]);
        run(fft, s, true);
    }
}

void vt_fft_backward(struct vt_fft *fft)
{
    for (int s = STAGES - 1; s >= 0; s--) {
        run(fft, s, false);
        if (s > REAL && fft->remap[s - 1])
            vt_remap_back(fft->remap[s - 1], fft->data[s], fft->data[s - 1]);
    }
}

const struct vt_box *vt_fft_real_box(const struct vt_fft *fft)
{
    return &fft->box[REAL];
}

void *vt_fft_real(const struct vt_fft *fft)
{
    return fft->data[REAL];
}

const struct vt_box *vt_fft_wave_box(const struct vt_fft *fft)
{
    return &fft->box[WAVES];
}

void *vt_fft_waves(const struct vt_fft *fft)
{
    return fft->data[WAVES];
}
