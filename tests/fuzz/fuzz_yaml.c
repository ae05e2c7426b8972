/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a configuration of each command: refused with messages, or read; and what was read
 * must come back from its echo bit for bit. A first line that starts with "#=" holds a setting:
 * "#=stages.0.duration=5 ps". */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/schema_examples.h"
#include "tests/unit/schema_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static union {
    struct run run;
    struct train train;
    struct study study;
} config, again;

static void check_echo(const struct vt_table *table)
{
    static struct vt_error_list errors;
    char *echo = NULL;
    struct vt_config_text text = {"echo.yaml", NULL, 0, NULL};
    FILE *file = open_memstream(&echo, &text.size);
    if (!file)
        abort();
    vt_config_echo(table, &config, file);
    fclose(file);
    text.text = echo;
    errors = (struct vt_error_list){0};
    if (text.size <= 1 << 20 && (vt_config_parse(table, &again, &text, NULL, &errors) != VT_OK ||
                                 !same_config(table, &config, &again))) {
        vt_error_list_write(&errors, stderr);
        fputs(echo, stderr);
        abort();
    }
    vt_config_destroy(table, &again);
    free(echo);
}

static void check_text(const struct vt_table *table, const struct vt_config_text *text,
                       const struct vt_settings *settings)
{
    static struct vt_error_list errors;
    errors = (struct vt_error_list){0};
    if (vt_config_parse(table, &config, text, settings, &errors) == VT_OK) {
        check_echo(table);
    } else {
        if (errors.n_kept == 0 || !errors.error[0].message[0])
            abort();
        char shown[sizeof(struct vt_error) + 32];
        for (size_t i = 0; i < errors.n_kept; i++)
            vt_error_text(&errors.error[i], shown, sizeof shown);
    }
    vt_config_destroy(table, &config);
}

/* The setting in the first line: key and text in `line`, or none. */
static struct vt_settings find_setting(const uint8_t *data, size_t size, char line[256],
                                       struct vt_setting *setting)
{
    if (size < 2 || memcmp(data, "#=", 2) != 0)
        return (struct vt_settings){.n = 0};
    size_t length = 0;
    while (length < 255 && length + 2 < size && data[length + 2] != '\n' && data[length + 2]) {
        /* an echo is only promised for UTF-8, which arguments need not be */
        line[length] = (char)(data[length + 2] & 0x7f);
        length++;
    }
    line[length] = '\0';
    char *value = strchr(line, '=');
    if (!value)
        return (struct vt_settings){.n = 0};
    *value = '\0';
    *setting = (struct vt_setting){line, value + 1, "--set"};
    return (struct vt_settings){.setting = setting, .n = 1};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct vt_table *const tables[] = {&run_table, &train_table, &study_table};
    const struct vt_config_text text = {"c.yaml", (const char *)data, size, "/d"};
    char line[256];
    struct vt_setting setting;
    const struct vt_settings settings = find_setting(data, size, line, &setting);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        check_text(tables[i], &text, &settings);
    return 0;
}
