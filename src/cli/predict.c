/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion predict: evaluate every frame of a file.
 *
 * The frames are dealt over the ranks in turn: of each round of P frames, rank r evaluates the
 * r-th. Every rank reads the whole file, which is cheap next to evaluating it, and rank 0 writes
 * the finished texts in the order of the file. The drawback: a round is as slow as its slowest
 * frame. Nothing in the output depends on P. */
#include <assert.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/agree.h"
#include "cli/command.h"
#include "cli/parcel.h"
#include "cli/predictor.h"
#include "cli/progress.h"
#include "force/arithmetic.h"
#include "io/config.h"
#include "io/extxyz.h"
#include "io/file.h"
#include "io/structure.h"
#include "potential/active_set.h"

enum { ALL_DIGITS = 17 };

struct settings {
    char *model, *input, *output;
    enum vt_precision precision;
    int isa;
    char *electrostatics;
    bool born_charges;
    char *descriptors; /* NULL: not wanted */
    bool replace;      /* files that exist */
    char *active;      /* active set; NULL: no grades */
    char **committee;  /* further models */
    size_t n_committee;
};

struct job {
    const struct settings *settings;
    MPI_Comm comm;
    int rank, size;
    struct vt_predictor predictor;
    struct vt_committee committee;
    struct vt_active_set active; /* if it is wanted */
    struct vt_structure_reader *reader;
    struct vt_frame frame;
    struct vt_parcel parcel;
    long n_done;  /* frames of the rounds before this one */
    long n_round; /* frames of this round, at most one a rank */
    bool ended;

    /* rank 0 */
    struct vt_file *output, *descriptors;
    struct vt_scores scores;
    size_t n_open;
    struct vt_spread spread; /* of all frames */
    long most_spread;        /* the frame of the largest one */
    double grade;            /* the largest of an atom */
    long most_grade;         /* its frame */
};

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    vt_check_isa(settings->isa, check);
    if (strcmp(settings->output, "-") == 0)
        vt_hint(vt_check_fail(check, "out", "the frames cannot go to standard output"),
                "the summary goes there; name a file");
    if (settings->descriptors && strcmp(settings->descriptors, settings->output) == 0)
        vt_check_fail(check, "descriptors", "frames and descriptors cannot go to the same file");
    vt_check_electrostatics(settings->electrostatics, check);
}

static enum vt_code create_file(struct vt_file **file, const char *path, bool replace,
                                struct vt_error *error)
{
    const enum vt_code code = vt_file_create(file, path, replace, error);
    struct stat status;
    if (code == VT_INPUT && !replace && stat(path, &status) == 0 && S_ISREG(status.st_mode))
        vt_hint(error, "choose another name, or replace it with --force");
    return code;
}

static enum vt_code open_job(struct job *job, struct vt_error *error)
{
    if (job->size > 1 && strcmp(job->settings->input, "-") == 0) {
        vt_fail(error, VT_INPUT, "several ranks cannot read standard input");
        vt_hint(error, "name a file, or run without mpirun");
        return VT_INPUT;
    }
    const struct settings *settings = job->settings;
    struct vt_force_options options = {.precision = settings->precision,
                                       .kernel = vt_isa_kernel(settings->isa),
                                       .born_charges = settings->born_charges,
                                       .descriptors = settings->descriptors != NULL,
                                       .radial_sums = settings->active != NULL};
    vt_read_electrostatics(settings->electrostatics, &options);
    enum vt_code code = vt_predictor_open(&job->predictor, settings->model, &options, error);
    if (!code)
        code = vt_committee_open(&job->committee, settings->committee, settings->n_committee,
                                 &options, error);
    if (!code && settings->active)
        code = vt_active_set_read(&job->active, settings->active, &job->predictor.model, error);
    if (!code)
        code = vt_structure_open(&job->reader, settings->input, error);
    if (!code)
        code = vt_parcel_open(&job->parcel, error);
    if (code || job->rank != 0)
        return code;
    code = create_file(&job->output, settings->output, settings->replace, error);
    if (!code && settings->descriptors) {
        code = create_file(&job->descriptors, settings->descriptors, settings->replace, error);
        if (!code)
            vt_predictor_write_descriptor_header(&job->predictor, vt_file_stream(job->descriptors));
    }
    return code;
}

static void close_job(struct job *job)
{
    vt_predictor_close(&job->predictor);
    vt_committee_close(&job->committee);
    vt_active_set_destroy(&job->active);
    vt_structure_close(job->reader);
    vt_frame_destroy(&job->frame);
    vt_parcel_close(&job->parcel);
    vt_file_discard(job->output);
    vt_file_discard(job->descriptors);
    vt_scores_destroy(&job->scores);
}

/* The frame's config_type, which need not be quoted and so may have been read as a number. */
static void read_label(const struct vt_frame *frame, char *label, size_t size)
{
    assert(size > 0);
    const struct vt_key *key = vt_frame_key(frame, "config_type");
    label[0] = '\0';
    if (!key || key->count != 1)
        return;
    switch (key->type) {
    case VT_STRING:
        snprintf(label, size, "%s", key->string[0]);
        break;
    case VT_INTEGER:
        snprintf(label, size, "%lld", (long long)key->integer[0]);
        break;
    case VT_REAL:
        snprintf(label, size, "%g", key->real[0]);
        break;
    case VT_LOGICAL:
        snprintf(label, size, "%s", key->logical[0] ? "T" : "F");
        break;
    }
}

/* Evaluated as what it is. */
static bool is_slab(const struct job *job, const struct vt_frame *frame)
{
    const int mode = job->predictor.model.charge_mode;
    return vt_frame_slab(frame->periodic) && (mode == 1 || mode == 2) &&
           job->predictor.options.electrostatics != VT_EWALD_GPUMD;
}

/* The column grade. *largest: of its atoms. */
static enum vt_code grade(struct job *job, double *largest, struct vt_error *error)
{
    struct vt_frame *frame = &job->frame;
    struct vt_column *column;
    *largest = 0;
    if (!job->settings->active)
        return VT_OK;
    const enum vt_code code = vt_frame_add_column(frame, "grade", VT_REAL, 1, &column, error);
    const double *sums = vt_force_results(job->predictor.force)->radial_sums;
    for (size_t i = 0; i < frame->n_atoms && !code; i++, sums += job->active.n - 1) {
        column->real[i] = vt_active_set_grade(&job->active, job->predictor.type[i], sums);
        *largest = fmax(*largest, column->real[i]);
    }
    return code;
}

static enum vt_code evaluate(struct job *job, struct vt_error *error)
{
    struct vt_frame *frame = &job->frame;
    struct vt_parcel *parcel = &job->parcel;
    vt_parcel_clear(parcel);
    struct vt_parcel_head *head = &parcel->head;
    read_label(frame, head->label, sizeof head->label);
    head->open_direction =
        !(frame->periodic[0] && frame->periodic[1] && frame->periodic[2]) && !is_slab(job, frame);

    enum vt_code code = vt_predictor_apply(&job->predictor, frame, &head->score, error);
    if (!code)
        code = vt_committee_judge(&job->committee, frame, vt_force_results(job->predictor.force),
                                  &head->spread, error);
    if (!code)
        code = grade(job, &head->grade, error);
    if (code)
        return code;
    code = vt_extxyz_write(parcel->stream[VT_PARCEL_FRAME], frame, ALL_DIGITS, error);
    if (code)
        return code;
    if (job->settings->descriptors)
        vt_predictor_write_descriptors(&job->predictor, frame,
                                       parcel->stream[VT_PARCEL_DESCRIPTORS]);
    return vt_parcel_pack(parcel, error);
}

/* Read this round's frames and evaluate the own one. */
static enum vt_code read_round(struct job *job, struct vt_error *error)
{
    for (job->n_round = 0; job->n_round < job->size && !job->ended; job->n_round++) {
        enum vt_code code = vt_structure_read(job->reader, &job->frame, &job->ended, error);
        if (code || job->ended)
            return code;
        if (job->n_round == job->rank)
            code = evaluate(job, error);
        if (code)
            return code;
    }
    return VT_OK;
}

/* Rank 0: the frame of that index is written (or on its way to the disk); count it. */
static enum vt_code account(struct job *job, long index, struct vt_error *error)
{
    const struct vt_parcel_head *head = &job->parcel.head;
    job->n_open += head->open_direction;
    job->spread.squares += head->spread.squares;
    job->spread.n_atoms += head->spread.n_atoms;
    if (head->spread.largest > job->spread.largest) {
        job->spread.largest = head->spread.largest;
        job->most_spread = index;
    }
    if (head->grade > job->grade) {
        job->grade = head->grade;
        job->most_grade = index;
    }
    return vt_scores_add(&job->scores, head->label, &head->score, error);
}

static enum vt_code collect_round(struct job *job, struct vt_error *error)
{
    if (job->rank != 0) {
        if (job->rank < job->n_round)
            vt_parcel_send(&job->parcel, job->comm);
        return VT_OK;
    }
    FILE *files[VT_PARCEL_TEXTS] = {0};
    files[VT_PARCEL_FRAME] = vt_file_stream(job->output);
    if (job->descriptors)
        files[VT_PARCEL_DESCRIPTORS] = vt_file_stream(job->descriptors);
    enum vt_code code = VT_OK;
    for (int r = 0; r < job->n_round; r++) {
        if (r == 0)
            vt_parcel_deliver(&job->parcel, files);
        else
            vt_parcel_receive(&job->parcel, r, job->comm, files);
        if (!code)
            code = account(job, job->n_done + r, error);
    }
    return code;
}

static enum vt_code finish_file(struct vt_file **file, struct vt_error *error)
{
    struct vt_file *finished = *file;
    *file = NULL;
    return finished ? vt_file_commit(finished, error) : VT_OK;
}

static enum vt_code finish_files(struct job *job, struct vt_error *error)
{
    if (job->rank != 0)
        return VT_OK;
    if (job->n_done == 0)
        return vt_fail_at(error, (struct vt_place){job->settings->input, 0, 0}, VT_INPUT,
                          "the file has no frames");
    const enum vt_code code = finish_file(&job->descriptors, error);
    return code ? code : finish_file(&job->output, error);
}

/* A file that still grows may have ended sooner for one rank than for another: what all have seen
 * counts. */
static void agree_on_end(struct job *job)
{
    const long mine = job->n_round;
    MPI_Allreduce(&mine, &job->n_round, 1, MPI_LONG, MPI_MIN, job->comm);
    job->ended = job->n_round < job->size;
}

static enum vt_code run_rounds(struct job *job, struct vt_error *error)
{
    struct vt_progress progress = vt_progress_start(job->rank == 0);
    enum vt_code code = VT_OK;
    while (!code && !job->ended) {
        code = read_round(job, error);
        code = vt_agree(job->comm, code, job->n_done + job->n_round, error);
        if (code)
            break;
        agree_on_end(job);
        code = collect_round(job, error);
        job->n_done += job->n_round;
        code = vt_agree(job->comm, code, job->n_done, error);
        if (job->rank == 0 && job->n_done > 0)
            vt_progress_show(&progress, "%ld frames, %zu atoms, %.0f s", job->n_done,
                             job->scores.n_rows ? job->scores.rows[0].n_atoms : 0,
                             MPI_Wtime() - progress.start);
    }
    vt_progress_end(&progress);
    return code;
}

static void print_summary(const struct job *job, double seconds)
{
    assert(seconds >= 0);
    const struct vt_predictor *predictor = &job->predictor;
    const size_t n_atoms = job->scores.rows[0].n_atoms;
    char arithmetic[64];
    vt_arithmetic_text(predictor->force, arithmetic);
    vt_scores_print(&job->scores, stdout);
    if (job->settings->precision == VT_MIXED && !vt_force_kernel(predictor->force))
        printf("note: with Born charges or descriptors all is evaluated in double precision\n");
    if (job->n_open > 0)
        printf("note: %zu of the frames say that they are not periodic in every direction; all "
               "were evaluated as periodic\n",
               job->n_open);
    if (job->committee.n > 0)
        printf("committee of %zu: forces spread by %.1f meV/A (rms over the atoms), at most %.1f "
               "meV/A, in frame %ld\n",
               job->committee.n + 1, 1e3 * sqrt(job->spread.squares / (double)job->spread.n_atoms),
               1e3 * job->spread.largest, job->most_spread);
    if (job->settings->active)
        printf("largest grade %.2f, in frame %ld\n", job->grade, job->most_grade);
    printf("%ld frame%s, %zu atoms in %.2f s on %d rank%s: %.1f us/atom\n", job->n_done,
           job->n_done == 1 ? "" : "s", n_atoms, seconds, job->size, job->size == 1 ? "" : "s",
           1e6 * seconds / (double)n_atoms);
    printf("%s: vitrion %s, model %s (hash %s), %s%s%s\n", job->settings->output,
           predictor->program, job->settings->model, predictor->model.hash, arithmetic,
           predictor->electrostatics[0] ? ", electrostatics " : "", predictor->electrostatics);
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    struct job job = {
        .settings = config, .comm = session->comm, .rank = session->rank, .size = session->size};
    const double start = MPI_Wtime();
    enum vt_code code = vt_agree(job.comm, open_job(&job, error), 0, error);
    if (!code)
        code = run_rounds(&job, error);
    if (!code)
        code = vt_agree(job.comm, finish_files(&job, error), 0, error);
    if (!code && job.rank == 0)
        print_summary(&job, MPI_Wtime() - start);
    close_job(&job);
    return code;
}

static const struct vt_entry entries[] = {
    {"model", VT_PATH_FIELD(struct settings, model), .required = true,
     .help = "the potential, a NEP or qNEP model"},
    {"out", VT_PATH_FIELD(struct settings, output), .required = true,
     .help = "extended XYZ file for the frames with their predictions"},
    {"precision", VT_WORD_FIELD(struct settings, precision, vt_precision_words),
     .fallback = "double",
     .help = "arithmetic of the potential; --bec and --descriptors are always in double"},
    {"isa", VT_WORD_FIELD(struct settings, isa, vt_isa_words), .fallback = "auto",
     .help = "instruction set of mixed precision"},
    {"electrostatics", VT_STRING_FIELD(struct settings, electrostatics), .fallback = "gpumd",
     .help = "gpumd: wave vectors and constants that the models were trained with; to an accuracy "
             "relative to the force of two unit charges at 1 A: ewald (1e-8), pppm (1e-5), auto "
             "(the faster of the two, 1e-5)"},
    {"bec", VT_BOOL_FIELD(struct settings, born_charges), .fallback = "false",
     .help = "write Born effective charges too (models with charges)"},
    {"descriptors", VT_PATH_FIELD(struct settings, descriptors),
     .help = "write the descriptors to this file too"},
    {"active", VT_PATH_FIELD(struct settings, active),
     .help = "the model's active set: how far each atom is from the training set is written, too"},
    {"committee", VT_PATH_LIST(struct settings, committee, n_committee, 1, 64),
     .one_is_a_list = true,
     .help = "a further model; may be given again: how far apart the models' forces and energies "
             "are is written, too"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace output files that exist"},
    {"input", VT_PATH_FIELD(struct settings, input), .required = true,
     .help = "the structures: extended XYZ, POSCAR or LAMMPS data"},
    {0}};

static const struct vt_table table = {"predict",
                                      "energies, forces, virials and charges of structures",
                                      sizeof(struct settings), entries, check_settings};

static const char *const operands[] = {"input", NULL};

static const struct vt_placeholder placeholders[] = {{"model", "NEP.txt"},
                                                     {"out", "OUT.xyz"},
                                                     {"electrostatics", "METHOD[:ACCURACY]"},
                                                     {"descriptors", "FILE"},
                                                     {"input", "IN.xyz"},
                                                     {"committee", "NEP.txt"},
                                                     {"active", "active_set.txt"},
                                                     {0}};

static const char about[] =
    "Evaluates every frame of IN.xyz. OUT.xyz holds the same frames with the keys energy (eV), "
    "virial (9 numbers, eV, -dE/dstrain, positive when compressed) and stress (9 numbers, eV/A^3, "
    "the opposite sign, as ASE has it), and the columns forces (eV/A) and energies (eV, total of "
    "each atom). Models with charges add energies_nn (network and ZBL), energies_coulomb (both "
    "eV), charges (e, neutralised) and, with --bec, bec (e, 9 numbers: polarisation direction by "
    "displacement). All numbers read back bit by bit. Other columns and keys of the input are "
    "kept; the keys vitrion, model, precision (with kernels) and electrostatics say what made the "
    "file.\n\n"
    "Reference values in the input (energy, free_energy, force or forces, energies, virial, "
    "stress) give way to the predictions. A table compares the two: root mean square, mean "
    "absolute and (for energies) mean error, predicted minus reference, for all frames and for "
    "each config_type; stress by its six independent components.\n\n"
    "With --committee the column force_spread (eV/A) is the root mean square over all models of "
    "the length of the deviation of an atom's force from the models' mean, the key energy_spread "
    "(eV/atom) likewise; all else is that of --model. Models trained alike but for the seed (or on "
    "other parts of the data) agree where the data bind them; frames on which they do not are "
    "worth a label.\n\n"
    "With --active the column grade says how far an atom is from the training set of the model "
    "(docs/training.md): 1 at most within it.\n\n"
    "All structures are periodic in three directions. A molecule needs a cell wider than itself "
    "and the cutoff together. Of a slab (pbc=\"T T F\", vacuum along c) the charges do not feel "
    "the images, but with --electrostatics gpumd.\n\n"
    "The descriptor file is plain text: lines that begin with # say what made it; then a row for "
    "each atom with the index of the frame, the index of the atom (both from 0) and the "
    "descriptors as the network receives them, each times its q_scaler.\n\n"
    "mpirun -n P vitrion predict deals the frames over P ranks; the files are the same for every "
    "P.";

const struct vt_command vt_command_predict = {&table, operands, placeholders, about, run};
