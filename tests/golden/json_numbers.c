/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json_numbers.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const char *at; /* NULL once something was wrong */
    bool wanted;    /* inside the value of the key */
    double *values;
    size_t room, count;
};

static void value(struct parser *p, int depth);

/* The next character that is not blank is c: step over it. */
static bool next_is(struct parser *p, char c)
{
    while (p->at != NULL && isspace((unsigned char)*p->at))
        p->at++;
    if (p->at == NULL || *p->at != c)
        return false;
    p->at++;
    return true;
}

static void expect(struct parser *p, char c)
{
    if (!next_is(p, c))
        p->at = NULL;
}

/* The text between two quotation marks; its length into *length. */
static const char *string(struct parser *p, size_t *length)
{
    expect(p, '"');
    if (p->at == NULL)
        return NULL;
    const char *start = p->at;
    *length = strcspn(start, "\"\\\n");
    p->at = start + *length;
    expect(p, '"');
    return start;
}

static void number(struct parser *p)
{
    char *end = NULL;
    const double x = strtod(p->at, &end);
    const size_t length = strspn(p->at, "+-.0123456789eE");
    if (length == 0 || end != p->at + length) {
        p->at = NULL;
        return;
    }
    p->at = end;
    if (p->wanted && p->count++ < p->room)
        p->values[p->count - 1] = x;
}

static void array(struct parser *p, int depth)
{
    expect(p, '[');
    if (next_is(p, ']'))
        return;
    do {
        value(p, depth + 1);
    } while (next_is(p, ','));
    expect(p, ']');
}

static bool object(struct parser *p, int depth, const char *key)
{
    bool found = false;
    expect(p, '{');
    do {
        size_t length = 0;
        const char *name = string(p, &length);
        expect(p, ':');
        const bool match = p->at != NULL && key != NULL && strlen(key) == length &&
                           strncmp(name, key, length) == 0;
        if (match && found)
            p->at = NULL; /* twice */
        p->wanted = p->wanted || match;
        found = found || match;
        value(p, depth + 1);
        p->wanted = p->wanted && !match;
    } while (next_is(p, ','));
    expect(p, '}');
    return found;
}

static void value(struct parser *p, int depth)
{
    while (p->at != NULL && isspace((unsigned char)*p->at))
        p->at++;
    size_t length;
    if (p->at == NULL || depth > 8)
        p->at = NULL;
    else if (*p->at == '[')
        array(p, depth);
    else if (*p->at == '{')
        object(p, depth, NULL);
    else if (*p->at == '"')
        string(p, &length);
    else
        number(p);
}

long json_numbers(const char *text, const char *key, double *values, size_t room)
{
    struct parser p = {.at = text, .values = values, .room = room};
    const bool found = object(&p, 0, key);
    if (p.at != NULL && *(p.at += strspn(p.at, " \t\r\n")) != '\0')
        p.at = NULL;
    if (p.at == NULL)
        return JSON_MALFORMED;
    return found ? (long)p.count : JSON_NO_KEY;
}
