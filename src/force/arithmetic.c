/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "force/arithmetic.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct vt_word vt_precision_words[] = {
    {"mixed", VT_MIXED, "vector kernels: float for pairs, double for positions and sums"},
    {"double", VT_DOUBLE, "exact to rounding, and many times slower"},
    {0}};

const struct vt_word vt_electrostatics_words[] = {
    {"auto", VT_FASTEST, "the faster of pppm and ewald"},
    {"pppm", VT_PPPM, "pairs and a mesh, to the accuracy"},
    {"ewald", VT_EWALD_CONVERGED, "a plain Ewald sum, to the accuracy: for small cells"},
    {"gpumd", VT_EWALD_GPUMD, "wave vectors and constants that the models were trained with"},
    {0}};

static const double least_accuracy = 1e-14, most_accuracy = 0.01;

bool vt_read_electrostatics(const char *text, struct vt_force_options *options)
{
    const size_t length = strcspn(text, ":");
    for (const struct vt_word *word = vt_electrostatics_words; word->name; word++) {
        if (strlen(word->name) != length || strncmp(word->name, text, length) != 0)
            continue;
        options->electrostatics = (enum vt_electrostatics)word->value;
        options->accuracy = word->value == VT_EWALD_CONVERGED ? 1e-8 : 1e-5;
        if (text[length] == '\0')
            return true;
        const char *number = text + length + 1;
        return word->value != VT_EWALD_GPUMD &&
               vt_parse_double(number, strlen(number), &options->accuracy) &&
               options->accuracy >= least_accuracy && options->accuracy <= most_accuracy;
    }
    return false;
}

void vt_check_electrostatics(const char *text, struct vt_config_check *check)
{
    struct vt_force_options options;
    if (!vt_read_electrostatics(text, &options))
        vt_hint(
            vt_check_fail(check, "electrostatics", "there is no '%s'", text),
            "there is: auto, pppm, ewald, gpumd, and all but gpumd with :ACCURACY, %g to %g, as "
            "in ewald:1e-6",
            least_accuracy, most_accuracy);
}

void vt_electrostatics_text(enum vt_electrostatics method, double accuracy, char text[32])
{
    const struct vt_word *word = vt_electrostatics_words;
    while (word->value != (int)method)
        word++;
    assert(word->name);
    if (method == VT_EWALD_GPUMD)
        snprintf(text, 32, "%s", word->name);
    else
        snprintf(text, 32, "%s:%g", word->name, accuracy);
}

enum { AUTO };

const struct vt_word vt_isa_words[] = {{"auto", AUTO, "the fastest that the processor has"},
                                       {"avx512", 1, NULL},
                                       {"avx2", 2, "with FMA"},
                                       {"generic", 3, "any processor"},
                                       {0}};

const struct vt_kernel *vt_isa_kernel(int isa)
{
    assert(isa >= AUTO && isa <= 3 && vt_isa_words[isa].value == isa);
    if (isa == AUTO)
        return vt_kernel_best();
    const struct vt_kernel *kernel = vt_kernel_named(vt_isa_words[isa].name);
    return kernel && vt_kernel_runs(kernel) ? kernel : NULL;
}

void vt_check_isa(int isa, struct vt_config_check *check)
{
    if (vt_isa_kernel(isa))
        return;
    char there[128];
    size_t length = (size_t)snprintf(there, sizeof there, "auto");
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++)
        if (vt_kernel_runs(*kernel) && length < sizeof there)
            length +=
                (size_t)snprintf(there + length, sizeof there - length, ", %s", (*kernel)->name);
    vt_hint(vt_check_fail(check, "isa", "this processor has no %s", vt_isa_words[isa].name),
            "it has: %s", there);
}

void vt_arithmetic_text(const struct vt_force *force, char text[64])
{
    const struct vt_kernel *kernel = vt_force_kernel(force);
    if (kernel)
        snprintf(text, 64, "mixed precision, %s kernels", kernel->name);
    else
        snprintf(text, 64, "double precision");
}
