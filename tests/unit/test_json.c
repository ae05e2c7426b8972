/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "balance.h"
#include "io/json.h"

static void test_text(void **state)
{
    (void)state;
    char text[600] = {0};
    FILE *file = fmemopen(text, sizeof text, "w");
    struct vt_json json;
    vt_json_begin(&json, file);
    vt_json_text(&json, "name", "a \"b\" \\ \n");
    vt_json_open(&json, "none", VT_JSON_LIST);
    vt_json_close(&json);
    vt_json_open(&json, "rows", VT_JSON_LIST);
    for (int i = 0; i < 2; i++) {
        vt_json_open_flat(&json, NULL, VT_JSON_MAP);
        vt_json_integer(&json, "i", i);
        vt_json_reals(&json, "x", (const double[]){0.1, INFINITY}, 2);
        vt_json_bool(&json, "good", i == 1);
        vt_json_null(&json, "rest");
        vt_json_close(&json);
    }
    vt_json_close(&json);
    vt_json_real(&json, "last", -1e-30);
    vt_json_end(&json);
    fclose(file);
    assert_string_equal(text,
                        "{\n"
                        "  \"name\": \"a \\\"b\\\" \\\\ \\u000a\",\n"
                        "  \"none\": [],\n"
                        "  \"rows\": [\n"
                        "    {\"i\": 0, \"x\": [0.1, null], \"good\": false, \"rest\": null},\n"
                        "    {\"i\": 1, \"x\": [0.1, null], \"good\": true, \"rest\": null}\n"
                        "  ],\n"
                        "  \"last\": -1e-30\n"
                        "}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text)};
    return VT_RUN_TESTS(tests);
}
