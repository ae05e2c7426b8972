/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include "common/synthetic.h"
#include "force/arithmetic.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_choose_kernels),
        cmocka_unit_test(tells_what_is_at_work),
    };
    return VT_RUN_TESTS(tests);
}
