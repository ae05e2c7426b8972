/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nep_text.h"

#include "balance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/synthetic.h"

struct vt_nep nep_text_small(void)
{
    struct synthetic options = synthetic_defaults();
    options.n_types = 2;
    options.atomic_number[0] = 52;
    options.atomic_number[1] = 82;
    options.n_radial = options.n_angular = 1;
    options.k_radial = options.k_angular = 2;
    options.neurons = 2;
    struct vt_nep model = {0};
    synthetic_model(&model, &options);
    return model;
}

struct nep_text nep_text_of(const struct vt_nep *model, bool exact)
{
    struct nep_text text = {NULL, 0};
    FILE *stream = open_memstream(&text.bytes, &text.size);
    assert_non_null(stream);
    assert_int_equal(vt_nep_print(model, stream, exact, NULL), VT_OK);
    assert_int_equal(fclose(stream), 0);
    return text;
}

void nep_text_destroy(struct nep_text *text)
{
    free(text->bytes);
    *text = (struct nep_text){NULL, 0};
}

enum vt_code nep_text_parse(const struct nep_text *text, struct vt_nep *model,
                            struct vt_error *error)
{
    return vt_nep_parse(model, "nep.txt", text->bytes, text->size, error);
}

const char *nep_text_line(const struct nep_text *text, size_t number, size_t *length)
{
    const char *line = text->bytes, *const last = text->bytes + text->size;
    for (size_t i = 1; i < number; i++) {
        line = memchr(line, '\n', (size_t)(last - line));
        assert_non_null(line);
        line++;
    }
    const char *end = memchr(line, '\n', (size_t)(last - line));
    *length = (size_t)((end ? end : last) - line);
    return line;
}

size_t nep_text_lines(const struct nep_text *text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text->size; i++)
        lines += text->bytes[i] == '\n';
    return lines;
}

void nep_text_replace_line(struct nep_text *text, size_t number, const char *line)
{
    size_t length = 0;
    const char *old = nep_text_line(text, number, &length);
    const char *rest = old + length + 1;
    struct nep_text changed = {NULL, 0};
    FILE *stream = open_memstream(&changed.bytes, &changed.size);
    assert_non_null(stream);
    fwrite(text->bytes, 1, (size_t)(old - text->bytes), stream);
    if (line)
        fprintf(stream, "%s\n", line);
    fwrite(rest, 1, (size_t)(text->bytes + text->size - rest), stream);
    assert_int_equal(fclose(stream), 0);
    nep_text_destroy(text);
    *text = changed;
}
