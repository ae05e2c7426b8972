/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bench_report.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/program.h"
#include "io/file.h"
#include "io/yaml_tree.h"

const char *const vt_bench_parts[VT_BENCH_PARTS] = {[VT_PART_LISTS] = "lists",
                                                    [VT_PART_HALO] = "halo",
                                                    [VT_PART_SHORT_RANGE] = "short_range",
                                                    [VT_PART_COULOMB] = "coulomb",
                                                    [VT_BENCH_INTEGRATION] = "integration",
                                                    [VT_BENCH_CHECKS] = "checks"};

/* ---- figures ---- */

/* Of the short-ranged part, an atom. */
static double flops(const struct vt_bench_result *result)
{
    return result->cost.radial + result->cost.angular + result->cost.network;
}

/* Gflop/s of all ranks, if the operations take so long. */
static double rate(const struct vt_bench_result *result, double us_per_atom)
{
    return us_per_atom > 0 ? 1e-3 * flops(result) / us_per_atom : 0;
}

/* Gflop/s of all ranks, in the arithmetic at work. */
static double peak(const struct vt_bench_result *result)
{
    const struct vt_machine *machine = &result->machine;
    return result->ranks * (result->mixed ? machine->peak_float : machine->peak_double);
}

static double ns_per_day(const struct vt_bench_result *result)
{
    const double us_per_step = result->step * (double)result->n_atoms;
    return result->timestep * 1e-6 * 86400e6 / us_per_step;
}

/* us/atom of one time that the lists are built. */
static double rebuild(const struct vt_bench_result *result)
{
    const double all = result->part[VT_PART_LISTS] * (double)result->n_steps;
    return result->n_rebuilds > 0 ? all / result->n_rebuilds : 0;
}

/* ---- for people ---- */

static void print_row(const char *name, double value, double step, const double *before, FILE *file)
{
    assert(name && file);
    fprintf(file, "%-16s %12.4f %6.1f%%", name, value, 100 * value / step);
    if (before && *before > 0)
        fprintf(file, " %12.4f %7.3f", *before, value / *before);
    fputc('\n', file);
}

static void print_parts(const struct vt_bench_result *result, const struct vt_bench_before *before,
                        FILE *file)
{
    fprintf(file, "\n%-16s %12s %7s%s\n", "part", "us/atom/step", "share",
            before ? "       before   ratio" : "");
    for (int p = 0; p < VT_BENCH_PARTS; p++)
        print_row(vt_bench_parts[p], result->part[p], result->step,
                  before ? &before->part[p] : NULL, file);
    print_row("step", result->step, result->step, before ? &before->step : NULL, file);
    fputc('\n', file);
}

static void print_conditions(const struct vt_bench_result *result, FILE *file)
{
    const struct vt_machine *machine = &result->machine;
    fprintf(file, "machine          %s, %d rank%s; %s\n", machine->processor, result->ranks,
            result->ranks == 1 ? "" : "s", vt_program_compiler());
    fprintf(file, "program          vitrion %s\n", vt_program_version());
    fprintf(file, "model            %s (hash %s)\n", result->model, result->hash);
    fprintf(file, "arithmetic       %s precision, %s\n", result->mixed ? "mixed" : "double",
            result->mixed ? result->isa : "plain C");
    fprintf(file,
            "atoms            %lld in %.6g A^3; neighbours of an atom: %.2f radial, %.2f angular\n",
            (long long)result->n_atoms, result->around.volume, result->around.radial,
            result->around.angular);
    fprintf(file,
            "steps            median of %lld blocks of %lld, after %lld to warm up; %g fs, %.0f K "
            "at the end\n",
            (long long)result->n_blocks, (long long)result->n_steps, (long long)result->n_warm_up,
            result->timestep, result->temperature);
    fprintf(
        file,
        "peak             %.1f Gflop/s float, %.1f double a core (%s); %.1f GB/s of memory, all "
        "ranks\n",
        machine->peak_float, machine->peak_double, result->isa, machine->bandwidth);
}

void vt_bench_print(const struct vt_bench_result *result, const struct vt_bench_before *before,
                    FILE *file)
{
    assert(result && file);
    assert(result->n_blocks > 0);
    const double all = rate(result, result->step);
    const double part = rate(result, result->part[VT_PART_SHORT_RANGE]);
    print_conditions(result, file);
    print_parts(result, before, file);
    fprintf(file, "step             %.4g us/atom/step (blocks: %.4g to %.4g), %.4g ns/day\n",
            result->step, result->fastest, result->slowest, ns_per_day(result));
    fprintf(file, "lists            built %g times in %lld steps, %.3g us/atom each\n",
            result->n_rebuilds, (long long)result->n_steps, rebuild(result));
    fprintf(file, "operations       %.0f an atom, short-ranged part, counted from the formulas\n",
            flops(result));
    fprintf(
        file,
        "rate             %.1f Gflop/s over the step, %.0f%% of the peak; %.1f, %.0f%%, over the "
        "short-ranged part\n",
        all, 100 * all / peak(result), part, 100 * part / peak(result));
    if (before && before->peak > 0)
        fprintf(file, "peak then        %.1f Gflop/s, now %.1f\n", before->peak, peak(result));
    if (result->processor < 0.95 * result->step)
        fprintf(file,
                "warning: the processor did other work, too: it was here for %.4g us/atom/step\n",
                result->processor);
}

/* ---- JSON ---- */

static void write_text(const char *name, const char *text, FILE *file)
{
    fprintf(file, "  \"%s\": \"", name);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if (*c < ' ')
            fprintf(file, "\\u%04x", *c);
        else
            fputc(*c, file);
    fputs("\",\n", file);
}

static void write_number(const char *name, double value, FILE *file)
{
    assert(name && file);
    fprintf(file, "  \"%s\": %.10g,\n", name, value);
}

void vt_bench_write_json(const struct vt_bench_result *result, FILE *file)
{
    assert(result && file);
    fputs("{\n", file);
    write_number("us_per_atom_step", result->step, file);
    write_number("us_per_atom_step_fastest", result->fastest, file);
    write_number("us_per_atom_step_slowest", result->slowest, file);
    write_number("us_per_atom_step_processor", result->processor, file);
    write_number("ns_per_day", ns_per_day(result), file);
    write_number("atoms", (double)result->n_atoms, file);
    write_number("ranks", result->ranks, file);
    write_number("steps", (double)result->n_steps, file);
    write_number("blocks", (double)result->n_blocks, file);
    write_number("timestep_fs", result->timestep, file);
    write_text("model", result->model, file);
    write_text("model_hash", result->hash, file);
    write_text("precision", result->mixed ? "mixed" : "double", file);
    write_text("isa", result->mixed ? result->isa : "plain", file);
    write_number("neighbours_radial", result->around.radial, file);
    write_number("neighbours_angular", result->around.angular, file);
    write_number("flops_per_atom", flops(result), file);
    write_number("gflops", rate(result, result->step), file);
    write_number("gflops_short_range", rate(result, result->part[VT_PART_SHORT_RANGE]), file);
    write_number("peak_gflops", peak(result), file);
    write_number("peak_gflops_float_core", result->machine.peak_float, file);
    write_number("peak_gflops_double_core", result->machine.peak_double, file);
    write_number("bandwidth_GB_per_s", result->machine.bandwidth, file);
    write_number("rebuilds", result->n_rebuilds, file);
    write_number("us_per_atom_rebuild", rebuild(result), file);
    write_text("machine", result->machine.processor, file);
    write_text("compiler", vt_program_compiler(), file);
    write_text("commit", vt_program_commit(), file);
    fputs("  \"parts\": {", file);
    for (int p = 0; p < VT_BENCH_PARTS; p++)
        fprintf(file, "%s\"%s\": %.10g", p ? ", " : "", vt_bench_parts[p], result->part[p]);
    fputs("}\n}\n", file);
}

/* JSON is YAML. The value of a keyword, 0 if it is not there. */
static size_t find(const struct vt_yaml_tree *tree, size_t map, const char *name)
{
    if (!map || vt_yaml_node(tree, map)->kind != VT_YAML_MAP)
        return 0;
    for (size_t key = vt_yaml_node(tree, map)->first; key;) {
        const size_t value = vt_yaml_node(tree, key)->next;
        if (strcmp(vt_yaml_word(tree, key), name) == 0)
            return value;
        key = vt_yaml_node(tree, value)->next;
    }
    return 0;
}

static double number(const struct vt_yaml_tree *tree, size_t map, const char *name)
{
    double value = NAN;
    const size_t node = find(tree, map, name);
    if (!node || vt_yaml_node(tree, node)->kind != VT_YAML_WORD)
        return NAN;
    const char *word = vt_yaml_word(tree, node);
    return vt_parse_double(word, strlen(word), &value) ? value : NAN;
}

enum vt_code vt_bench_read(struct vt_bench_before *before, const char *path, struct vt_error *error)
{
    assert(before && path);
    char *data = NULL;
    size_t size = 0, root = 0;
    struct vt_yaml_tree tree = {0};
    enum vt_code code = vt_file_read(path, VT_YAML_BYTES, &data, &size, error);
    if (!code) {
        const struct vt_yaml_text text = {path, data, size, true};
        code = vt_yaml_parse(&tree, &text, &root, error);
    }
    if (!code) {
        const size_t parts = find(&tree, root, "parts");
        before->step = number(&tree, root, "us_per_atom_step");
        before->peak = number(&tree, root, "peak_gflops");
        for (int p = 0; p < VT_BENCH_PARTS; p++)
            before->part[p] = number(&tree, parts, vt_bench_parts[p]);
        if (!(before->step > 0)) {
            code = vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                              "the file has no us_per_atom_step");
            vt_hint(error, "it wants what vitrion bench --json has written");
        }
    }
    vt_yaml_destroy(&tree);
    vt_free(data);
    return code;
}
