/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/train_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/elements.h"
#include "training/audit.h"

static enum vt_code fill_types(const struct vt_train_check *check, struct vt_dataset_types *types,
                               struct vt_error *error)
{
    const struct vt_place option = {"--elements", 0, 0};
    types->is_open = check->n_elements == 0;
    if (check->n_elements > VT_NEP_MAX_TYPES)
        return vt_fail_at(error, option, VT_INPUT, "more than %d elements", VT_NEP_MAX_TYPES);
    for (size_t i = 0; i < check->n_elements; i++) {
        const char *symbol = check->element[i];
        const int number = vt_atomic_number(symbol, strlen(symbol));
        if (number == 0)
            return vt_fail_at(error, option, VT_INPUT, "unknown element '%s'", symbol);
        for (int t = 0; t < types->n; t++)
            if (types->atomic_number[t] == number)
                return vt_fail_at(error, option, VT_INPUT, "%s is named twice", symbol);
        types->atomic_number[types->n++] = number;
    }
    return VT_OK;
}

static const char *symbol(const struct vt_dataset *set, int type)
{
    return vt_element_symbol(set->types.atomic_number[type]);
}

static void print_elements(const struct vt_dataset *set, const struct vt_audit *audit)
{
    printf("element       atoms     frames   energy (eV)\n");
    for (int t = 0; t < set->types.n; t++)
        printf("%-7s %11zu %10zu %13.4f%s\n", symbol(set, t), audit->n_atoms_of[t],
               audit->n_frames_of[t], audit->shift.energy[t],
               audit->shift.is_determined[t] ? "" : "  (not determined)");
    printf("energies of the elements explain all but %.1f meV/atom (RMS)\n",
           1e3 * audit->shift.rms);
}

/* Without the minus of a zero. */
static double rounded(double value)
{
    return fabs(value) < 0.05 ? 0 : value;
}

static void print_group(int width, const struct vt_audit_group *group)
{
    const double n = (double)group->n_frames, mean = group->energy_sum / n;
    const double spread = sqrt(fmax(0, group->energy_squares / n - mean * mean));
    printf("%-*s %8zu %6zu %9zu %10.1f %10.1f %10.1f %10.1f %8zu", width,
           group->config_type[0] ? group->config_type : "-", group->n_frames, group->n_tests,
           group->n_atoms, rounded(1e3 * mean), 1e3 * spread,
           1e3 * sqrt(group->force_squares / (3 * (double)group->n_atoms)),
           1e3 * group->largest_force, group->n_virials);
    if (group->n_virials > 0)
        printf(" %8.2f ... %.2f", group->pressure[0], group->pressure[1]);
    putchar('\n');
}

static void print_groups(const struct vt_audit *audit)
{
    int width = (int)strlen("config_type");
    for (size_t g = 0; g < audit->n_groups; g++) {
        const int length = (int)strlen(audit->group[g].config_type);
        width = length > width ? length : width;
    }
    printf("%-*s %8s %6s %9s %21s %21s %8s %s\n", width, "", "", "", "", "energy (meV/atom)",
           "force (meV/A)", "with", " pressure");
    printf("%-*s %8s %6s %9s %10s %10s %10s %10s %8s %s\n", width, "config_type", "frames", "test",
           "atoms", "mean", "spread", "RMS", "largest", "virial", " (GPa)");
    for (size_t g = 0; g < audit->n_groups; g++)
        print_group(width, &audit->group[g]);
}

static void print_distances(const struct vt_dataset *set, const struct vt_audit *audit)
{
    printf("shortest distances (A)\n");
    for (int s = 0; s < set->types.n; s++)
        for (int t = s; t < set->types.n; t++) {
            if (audit->closest[s][t] == INFINITY)
                continue;
            const struct vt_dataset_frame *frame = &set->frame[audit->closest_frame[s][t]];
            printf("  %2s-%-2s %8.3f   %s:%ld\n", symbol(set, s), symbol(set, t),
                   audit->closest[s][t], frame->file, frame->line);
        }
}

static void print_slope(const char *what, size_t n_pairs, bool has, double slope)
{
    if (has)
        printf("%s against energies: factor %.3f from %zu pairs of like frames\n", what, slope,
               n_pairs);
    else
        printf("%s against energies: not testable, too few like frames\n", what);
}

static void print_findings(const struct vt_audit *audit)
{
    static const char *const levels[] = {"note", "warning", "error"};
    for (int kind = 0; kind < VT_AUDIT_N_KINDS; kind++) {
        size_t shown = 0;
        for (size_t i = 0; i < audit->n_findings; i++) {
            const struct vt_audit_finding *finding = &audit->finding[i];
            if (finding->kind != (enum vt_audit_kind)kind)
                continue;
            if (finding->place.file)
                printf("%s:%ld: ", finding->place.file, finding->place.line);
            printf("%s: %s: %s", levels[vt_audit_level(finding->kind)],
                   vt_audit_text(finding->kind), finding->text);
            if (finding->source[0])
                printf(" (imported from %s)", finding->source);
            putchar('\n');
            shown++;
        }
        if (audit->count[kind] > shown)
            printf("  ... and %zu more of this kind\n", audit->count[kind] - shown);
    }
}

static size_t count_errors(const struct vt_error_list *errors)
{
    return errors->n_kept + errors->n_dropped;
}

static enum vt_code audit_set(const struct vt_dataset *set, const struct vt_train_check *check,
                              size_t counts[3], struct vt_error *error)
{
    struct vt_audit audit;
    const struct vt_audit_options options = {.max_force = check->max_force};
    const enum vt_code code = vt_audit(&audit, set, &options, error);
    if (!code) {
        print_elements(set, &audit);
        print_groups(&audit);
        print_distances(set, &audit);
        const struct vt_audit_slopes *slopes = &audit.slopes;
        print_slope("forces", slopes->n_pairs, slopes->has_force, slopes->force);
        print_slope("virials", slopes->n_pairs, slopes->has_virial, slopes->virial);
        print_findings(&audit);
        for (int level = 0; level < 3; level++)
            counts[level] += vt_audit_count(&audit, (enum vt_audit_level)level);
    }
    vt_audit_destroy(&audit);
    return code;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static enum vt_code give_verdict(const struct vt_dataset *set, const size_t counts[3],
                                 struct vt_error *error)
{
    const size_t n_notes = counts[VT_NOTE], n_warnings = counts[VT_WARNING];
    const size_t n_errors = counts[VT_ERROR];
    printf("verdict: %s: %zu frame%s, %zu error%s, %zu warning%s, %zu note%s\n",
           n_errors     ? "errors"
           : n_warnings ? "warnings"
                        : "ok",
           set->n_frames, plural(set->n_frames), n_errors, plural(n_errors), n_warnings,
           plural(n_warnings), n_notes, plural(n_notes));
    if (n_errors == 0)
        return VT_OK;
    return vt_fail_at(error, (struct vt_place){"vitrion train", 0, 0}, VT_INPUT,
                      "the set has %zu error%s, listed above", n_errors, plural(n_errors));
}

enum vt_code vt_train_check(const struct vt_train_check *check, struct vt_error *error)
{
    struct vt_dataset set = {0};
    struct vt_error_list errors = {0};
    size_t counts[3] = {0};
    enum vt_code code = fill_types(check, &set.types, error);
    if (code)
        return code;
    for (size_t i = 0; i < check->n_files; i++)
        vt_dataset_add_file(&set, check->files[i], false, &errors);
    if (check->test)
        vt_dataset_add_file(&set, check->test, true, &errors);
    vt_error_list_write(&errors, stdout);
    counts[VT_ERROR] = count_errors(&errors);
    if (set.n_frames > 0)
        code = audit_set(&set, check, counts, error);
    if (!code)
        code = give_verdict(&set, counts, error);
    vt_dataset_destroy(&set);
    return code;
}
