/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <math.h>

#include "common/synthetic.h"
#include "force/arithmetic.h"
#include "potential/kernels/peak.h"

/* Every kernel of this build has a word, and a word gives a kernel exactly if it runs here. */
static void words_choose_kernels(void **state)
{
    (void)state;
    size_t named = 0, there = 0;
    for (const struct vt_word *word = vt_isa_words; word->name; word++) {
        const struct vt_kernel *kernel = vt_kernel_named(word->name);
        named += kernel != NULL;
        if (word == vt_isa_words) {
            assert_string_equal(word->name, "auto");
            assert_ptr_equal(vt_isa_kernel(word->value), vt_kernel_best());
        } else {
            const bool runs = kernel && vt_kernel_runs(kernel);
            assert_ptr_equal(vt_isa_kernel(word->value), runs ? kernel : NULL);
        }
    }
    while (vt_kernels[there])
        there++;
    assert_int_equal(named, there);
}

static void asks(bool born, enum vt_precision precision, const char *expected)
{
    struct synthetic synthetic = synthetic_defaults();
    synthetic.charge_mode = 1;
    struct vt_nep model = {0};
    struct vt_force *force = NULL;
    char text[64];
    synthetic_model(&model, &synthetic);
    const struct vt_force_options options = {
        .precision = precision, .kernel = vt_kernel_named("generic"), .born_charges = born};
    assert_int_equal(vt_force_create(&force, &model, &options, NULL), VT_OK);
    vt_arithmetic_text(force, text);
    assert_string_equal(text, expected);
    vt_force_destroy(force);
    vt_nep_destroy(&model);
}

static void tells_what_is_at_work(void **state)
{
    (void)state;
    asks(false, VT_MIXED, "mixed precision, generic kernels");
    asks(true, VT_MIXED, "double precision");
    asks(false, VT_DOUBLE, "double precision");
}

/* Chains that tend to one; a chain less, or one that is not worked on, would show in the count. */
static void every_kernel_has_a_peak(void **state)
{
    (void)state;
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++) {
        const struct vt_peak *peak = vt_peak_named((*kernel)->name);
        assert_non_null(peak);
        assert_string_equal(peak->name, (*kernel)->name);
        assert_true(peak->flops_float == 2 * peak->flops_double);
        assert_true(fmod(peak->flops_float, 2 * (*kernel)->width) == 0);
        if (!vt_kernel_runs(*kernel))
            continue;
        const double chains = peak->flops_float / (2 * (*kernel)->width);
        assert_true(fabs(peak->of_float(300000) / chains - 1) < 1e-2);
        assert_true(fabs(peak->of_double(300000) / chains - 1) < 1e-6);
    }
    assert_null(vt_peak_named("abacus"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_has_a_peak),
        cmocka_unit_test(words_choose_kernels),
        cmocka_unit_test(tells_what_is_at_work),
    };
    return VT_RUN_TESTS(tests);
}
