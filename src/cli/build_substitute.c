/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion build substitute: other elements, exchanged places, vacancies and added atoms. */
#include <stdio.h>
#include <string.h>

#include "base/agree.h"
#include "cli/command.h"
#include "cli/making.h"
#include "io/config.h"
#include "structure/substitute.h"

enum { LISTS = 4 };

struct settings {
    char *input, *output, *sites;
    char *list[LISTS]; /* replace, swap, remove, add */
    char *balance, *charges;
    bool charge_is_allowed;
    int64_t seed;
    bool replace;
};

static const struct {
    const char *option;
    enum vt_change_kind kind;
} lists[LISTS] = {{"replace", VT_CHANGE_REPLACE},
                  {"swap", VT_CHANGE_SWAP},
                  {"remove", VT_CHANGE_REMOVE},
                  {"add", VT_CHANGE_ADD}};

struct job {
    struct vt_frame frame, sites;
    struct vt_changes changes;
    struct vt_charges charges;
    struct vt_formula before, after;
    struct vt_file *file;
};

static int balancing_element(const struct settings *settings)
{
    return settings->balance ? vt_atomic_number(settings->balance, strlen(settings->balance)) : 0;
}

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    struct vt_changes changes = {0};
    struct vt_charges charges;
    struct vt_error error = {0};
    bool any = false;
    for (int k = 0; k < LISTS; k++) {
        any = any || settings->list[k];
        if (vt_changes_parse(&changes, lists[k].kind, settings->list[k], &error))
            vt_hint(vt_check_fail(check, lists[k].option, "%s", error.message), "%s", error.hint);
    }
    vt_changes_destroy(&changes);
    if (!any && !settings->balance)
        vt_hint(vt_check_fail(check, "replace", "no change is asked for"),
                "give --replace, --swap, --remove, --add or --balance");
    if (vt_charges_set(&charges, settings->charges, &error))
        vt_hint(vt_check_fail(check, "charges", "%s", error.message), "%s", error.hint);
    if (settings->balance && balancing_element(settings) == 0)
        vt_check_fail(check, "balance", "there is no element '%s'", settings->balance);
    if (settings->list[3] && !settings->sites)
        vt_hint(vt_check_fail(check, "add", "it is not said where atoms may be added"),
                "give --sites a structure with an atom on each possible site");
}

static enum vt_code read_job(struct job *job, const struct settings *settings,
                             struct vt_error *error)
{
    enum vt_code code = vt_charges_set(&job->charges, settings->charges, error);
    for (int k = 0; k < LISTS && !code; k++)
        code = vt_changes_parse(&job->changes, lists[k].kind, settings->list[k], error);
    if (!code)
        code = vt_making_create(&job->file, settings->output, settings->replace, error);
    if (!code)
        code = vt_making_read(&job->frame, settings->input, error);
    if (!code && settings->sites)
        code = vt_making_read(&job->sites, settings->sites, error);
    return code;
}

static bool adds_atoms(const struct vt_changes *changes)
{
    for (size_t k = 0; k < changes->n; k++)
        if (changes->change[k].kind == VT_CHANGE_ADD)
            return true;
    return false;
}

/* Know everything that will be done, and that it can be, before anything is. */
static enum vt_code settle(struct job *job, const struct settings *settings, struct vt_error *error)
{
    const int element = balancing_element(settings);
    vt_formula_of_frame(&job->before, &job->frame);
    enum vt_code code = vt_changes_settle(&job->changes, &job->before, error);
    if (!code && element)
        code = vt_changes_balance(&job->changes, &job->before, &job->charges, element, error);
    if (code)
        return code;
    vt_changes_apply(&job->changes, &job->before, &job->after);
    if (job->after.n == 0)
        return vt_fail(error, VT_INPUT, "no atom would be left");
    if (adds_atoms(&job->changes) && !settings->sites) {
        vt_fail(error, VT_INPUT,
                "to balance the charge, atoms must be added, but where is not "
                "said");
        vt_hint(error, "give --sites a structure with an atom on each possible site");
        return VT_INPUT;
    }
    return vt_making_check_charge(&job->charges, &job->after, settings->charge_is_allowed, error);
}

static void report(const struct job *job)
{
    static const char *const names[] = {[VT_CHANGE_REPLACE] = "replaced",
                                        [VT_CHANGE_SWAP] = "exchanged",
                                        [VT_CHANGE_REMOVE] = "removed",
                                        [VT_CHANGE_ADD] = "added"};
    for (size_t k = 0; k < job->changes.n; k++) {
        const struct vt_change *change = &job->changes.change[k];
        printf("%-16s %lld %s", names[change->kind], (long long)change->count,
               vt_element_symbol(change->element));
        if (change->other)
            printf(" %s %s", change->kind == VT_CHANGE_SWAP ? "with" : "by",
                   vt_element_symbol(change->other));
        putchar('\n');
    }
    vt_making_report(&job->frame, &job->after, &job->charges);
}

static enum vt_code build(const struct settings *settings, struct vt_error *error)
{
    struct job job = {0};
    char how[600];
    enum vt_code code = read_job(&job, settings, error);
    if (!code)
        code = settle(&job, settings, error);
    if (!code)
        code = vt_substitute(&job.frame, &job.changes, settings->sites ? &job.sites : NULL,
                             (uint32_t)settings->seed, error);
    if (code)
        goto done;
    int length = snprintf(how, sizeof how, "substitute");
    for (int k = 0; k < LISTS; k++)
        if (settings->list[k] && length < (int)sizeof how)
            length += snprintf(how + length, sizeof how - (size_t)length, " %s %s", lists[k].option,
                               settings->list[k]);
    if (settings->balance && length < (int)sizeof how)
        length +=
            snprintf(how + length, sizeof how - (size_t)length, " balance %s", settings->balance);
    if (length < (int)sizeof how)
        snprintf(how + length, sizeof how - (size_t)length, " seed %lld",
                 (long long)settings->seed);
    code = vt_making_write(&job.file, settings->output, &job.frame, how, error);
    if (!code)
        report(&job);
done:
    vt_file_discard(job.file);
    vt_changes_destroy(&job.changes);
    vt_frame_destroy(&job.frame);
    vt_frame_destroy(&job.sites);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? build(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"replace", VT_STRING_FIELD(struct settings, list[0]),
     .help = "atoms that become another element: OLD=NEW:NUMBER or OLD=NEW:SHARE %, as in "
             "Zr=Al:2,Cl=O:25%; all without a number"},
    {"swap", VT_STRING_FIELD(struct settings, list[1]),
     .help = "atoms that change places: ONE=OTHER:NUMBER (of each), as in Li=Zr:2"},
    {"remove", VT_STRING_FIELD(struct settings, list[2]),
     .help = "vacancies: ELEMENT:NUMBER or ELEMENT:SHARE %, as in Li:4"},
    {"add", VT_STRING_FIELD(struct settings, list[3]),
     .help = "atoms on free sites: ELEMENT:NUMBER, as in Li:2"},
    {"sites", VT_PATH_FIELD(struct settings, sites),
     .help = "a structure in the same cell with an atom, of any element, on each site that may be "
             "filled"},
    {"balance", VT_STRING_FIELD(struct settings, balance),
     .help = "the element of which atoms are removed, or added on sites, until the charge is 0"},
    {"charges", VT_STRING_FIELD(struct settings, charges),
     .help = "formal charges that differ from the usual ones, as in Fe=3,H=-1"},
    {"allow-charge", VT_BOOL_FIELD(struct settings, charge_is_allowed), .fallback = "false",
     .help = "write the result even if it is not neutral"},
    {"seed", VT_INTEGER_FIELD(struct settings, seed), .fallback = "1", .minimum = "0",
     .maximum = "4294967295", .help = "another number makes another random choice"},
    {"out", VT_PATH_FIELD(struct settings, output), .required = true,
     .help = "the file to write: extended XYZ, POSCAR or LAMMPS data, by its name"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace an output file that exists"},
    {"input", VT_PATH_FIELD(struct settings, input), .required = true,
     .help = "the structure, the first one of the file: extended XYZ, POSCAR or LAMMPS data"},
    {0}};

static const struct vt_table table = {"build substitute",
                                      "change elements, vacancies and order at random",
                                      sizeof(struct settings), entries, check_settings};

static const char *const operands[] = {"input", NULL};

static const struct vt_placeholder placeholders[] = {{"replace", "LIST"},
                                                     {"swap", "LIST"},
                                                     {"remove", "LIST"},
                                                     {"add", "LIST"},
                                                     {"sites", "FILE"},
                                                     {"balance", "ELEMENT"},
                                                     {"charges", "LIST"},
                                                     {"seed", "N"},
                                                     {"out", "FILE"},
                                                     {"input", "IN"},
                                                     {0}};

static const char about[] =
    "Every atom is changed at most once, and counts and shares are those of the input. Which atoms "
    "are chosen depends on the seed and the order of the atoms alone. A site counts as free if no "
    "atom is within 0.5 A of it.\n\n"
    "The result must be neutral. Elements with one usual charge have it (Li +1, Zr +4, Al +3, S "
    "-2, Cl -1, ...); if an element with several (Fe, Mn, Sn, ...) is not told one with --charges, "
    "neutrality is not checked, and the table says so.\n\n"
    "Order of the atoms: as in the input; added ones come last. Their further columns are 0, T or "
    "-. Energies, forces, stresses, charges and masses of the input are dropped, for they no "
    "longer hold.";

const struct vt_command vt_command_build_substitute = {&table, operands, placeholders, about, run};
