/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <string.h>

#include "io/scan.h"

static struct vt_scan scan_of(const char *text)
{
    struct vt_scan scan;
    vt_scan_start(&scan, "t", text, strlen(text));
    return scan;
}

static void assert_word(const struct vt_word *word, const char *text, long line, long column)
{
    assert_true(vt_word_is(word, text));
    assert_int_equal(word->place.line, line);
    assert_int_equal(word->place.column, column);
    assert_string_equal(word->place.file, "t");
}

static void words_have_places(void **state)
{
    (void)state;
    struct vt_scan scan = scan_of("ab  c\r\n\n\t d\te");
    struct vt_word word;
    assert_false(vt_scan_word(&scan, &word));
    assert_true(vt_scan_line(&scan));
    assert_true(vt_scan_word(&scan, &word));
    assert_word(&word, "ab", 1, 1);
    assert_true(vt_scan_word(&scan, &word));
    assert_word(&word, "c", 1, 5);
    assert_false(vt_scan_word(&scan, &word));
    assert_int_equal(vt_scan_place(&scan).column, 6);
    assert_true(vt_scan_line(&scan));
    assert_false(vt_scan_word(&scan, &word));
    assert_int_equal(vt_scan_bytes_left(&scan), 5);
    assert_true(vt_scan_line(&scan));
    assert_true(vt_scan_word(&scan, &word));
    assert_word(&word, "d", 3, 3);
    assert_int_equal(vt_scan_place(&scan).column, 5);
    assert_true(vt_scan_peek(&scan, &word));
    assert_word(&word, "e", 3, 5);
    assert_true(vt_scan_word(&scan, &word));
    assert_word(&word, "e", 3, 5);
    assert_false(vt_scan_peek(&scan, &word));
    assert_false(vt_scan_line(&scan));
    assert_false(vt_scan_line(&scan));
    assert_false(vt_scan_word(&scan, &word));
    assert_int_equal(vt_scan_place(&scan).line, 3);
    assert_int_equal(vt_scan_place(&scan).column, 0);
}

static void empty_texts_have_no_lines(void **state)
{
    (void)state;
    struct vt_scan scan;
    vt_scan_start(&scan, "t", NULL, 0);
    assert_false(vt_scan_line(&scan));
    assert_int_equal(scan.number, 0);
    scan = scan_of("\xef\xbb\xbf");
    assert_false(vt_scan_line(&scan));
    scan = scan_of(" \n\t\r\n \n");
    assert_false(vt_scan_line_with_words(&scan));
    assert_int_equal(scan.number, 3);
}

static void byte_order_mark_takes_no_column(void **state)
{
    (void)state;
    struct vt_scan scan = scan_of("\xef\xbb\xbfx\n");
    struct vt_word word;
    assert_true(vt_scan_line_with_words(&scan));
    assert_true(vt_scan_word(&scan, &word));
    assert_word(&word, "x", 1, 1);
}

static void blank_lines_are_skipped(void **state)
{
    (void)state;
    struct vt_scan scan = scan_of("\n  \n\r\n  x y\n");
    struct vt_word words[1];
    assert_true(vt_scan_line_with_words(&scan));
    assert_int_equal(vt_scan_words(&scan, words, 1), 2);
    assert_word(&words[0], "x", 4, 3);
}

static void counts_are_checked(void **state)
{
    (void)state;
    struct vt_scan scan = scan_of("1 2 3\n");
    struct vt_word words[4];
    struct vt_error error;
    assert_true(vt_scan_line(&scan));
    assert_int_equal(vt_scan_expect(&scan, words, 3, "cell vector", &error), VT_OK);
    assert_word(&words[2], "3", 1, 5);

    scan = scan_of("1 2 3\n");
    assert_true(vt_scan_line(&scan));
    assert_int_equal(vt_scan_expect(&scan, words, 4, "cell vector", &error), VT_INPUT);
    assert_string_equal(error.message, "expected 4 words (cell vector), found 3");
    assert_int_equal(error.line, 1);
    assert_int_equal(error.column, 6);

    scan = scan_of("1 2 3\n");
    assert_true(vt_scan_line(&scan));
    assert_int_equal(vt_scan_expect(&scan, words, 1, "factor", &error), VT_INPUT);
    assert_string_equal(error.message, "expected 1 word (factor), found 3");
    assert_int_equal(error.column, 3);
}

static void comments_are_cut(void **state)
{
    (void)state;
    struct vt_scan scan = scan_of("Atoms #  full style \nAtoms\n#\n");
    struct vt_word words[2], comment;
    assert_true(vt_scan_line(&scan));
    assert_true(vt_scan_cut(&scan, '#', &comment));
    assert_word(&comment, "full style", 1, 10);
    assert_int_equal(vt_scan_words(&scan, words, 2), 1);
    assert_true(vt_scan_line(&scan));
    assert_false(vt_scan_cut(&scan, '#', &comment));
    assert_int_equal(comment.length, 0);
    assert_int_equal(vt_scan_words(&scan, words, 2), 1);
    assert_true(vt_scan_line(&scan));
    assert_true(vt_scan_cut(&scan, '#', NULL));
    assert_int_equal(vt_scan_words(&scan, words, 2), 0);
}

static void numbers_are_checked(void **state)
{
    (void)state;
    struct vt_scan scan = scan_of("-2.5e1 7 seven nan 1.5\n");
    struct vt_word w[5];
    struct vt_error error;
    double real = 0;
    int64_t integer = 0;
    assert_true(vt_scan_line(&scan));
    assert_int_equal(vt_scan_expect(&scan, w, 5, "words", &error), VT_OK);
    assert_int_equal(vt_word_real(&w[0], "factor", &real, &error), VT_OK);
    assert_true(real == -25.0);
    assert_int_equal(vt_word_integer(&w[1], "count", 1, 7, &integer, &error), VT_OK);
    assert_int_equal(integer, 7);
    assert_int_equal(vt_word_real(&w[2], "factor", &real, &error), VT_INPUT);
    assert_string_equal(error.message, "expected a finite number (factor), found 'seven'");
    assert_int_equal(error.column, 10);
    assert_int_equal(vt_word_real(&w[3], "factor", &real, &error), VT_INPUT);
    assert_int_equal(vt_word_integer(&w[4], "count", 1, 7, &integer, &error), VT_INPUT);
    assert_string_equal(error.message, "expected an integer (count), found '1.5'");
    assert_int_equal(vt_word_integer(&w[1], "count", 1, 6, &integer, &error), VT_INPUT);
    assert_string_equal(error.message, "count is 7, outside of 1 to 6");
    assert_int_equal(vt_word_integer(&w[1], "count", 8, INT64_MAX, &integer, &error), VT_INPUT);
    assert_string_equal(error.message, "count is 7, below 8");
}

static void letters_are_counted(void **state)
{
    (void)state;
    struct vt_word word = {.text = "Li_sv", .length = 5};
    assert_int_equal(vt_word_letters(&word), 2);
    word.length = 1;
    assert_int_equal(vt_word_letters(&word), 1);
    word = (struct vt_word){.text = "1Z", .length = 2};
    assert_int_equal(vt_word_letters(&word), 0);
}

static void long_and_binary_words_are_shown_safely(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text);
    text[1] = '\0';
    text[2] = '\x1b';
    struct vt_scan scan;
    struct vt_word word;
    vt_scan_start(&scan, "t", text, sizeof text);
    assert_true(vt_scan_line(&scan));
    assert_true(vt_scan_word(&scan, &word));
    assert_int_equal(word.length, sizeof text);
    assert_string_equal(vt_word_shown(&word).text, "x??xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_places),
        cmocka_unit_test(empty_texts_have_no_lines),
        cmocka_unit_test(byte_order_mark_takes_no_column),
        cmocka_unit_test(blank_lines_are_skipped),
        cmocka_unit_test(counts_are_checked),
        cmocka_unit_test(comments_are_cut),
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(letters_are_counted),
        cmocka_unit_test(long_and_binary_words_are_shown_safely),
    };
    return VT_RUN_TESTS(tests);
}
