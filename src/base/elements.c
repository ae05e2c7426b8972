/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/elements.h"

#include <assert.h>
#include <math.h>

/* Atomic number, the letters of the symbol, mass in amu: the abridged standard atomic weights of
 * IUPAC (2021), conventional values where IUPAC gives an interval, and the mass of the
 * longest-lived isotope where it gives none. */
#define ELEMENTS(X)                                                                                \
    X(1, 'H', 0, 1.008)                                                                            \
    X(2, 'H', 'e', 4.002602)                                                                       \
    X(3, 'L', 'i', 6.94)                                                                           \
    X(4, 'B', 'e', 9.0121831)                                                                      \
    X(5, 'B', 0, 10.81)                                                                            \
    X(6, 'C', 0, 12.011)                                                                           \
    X(7, 'N', 0, 14.007)                                                                           \
    X(8, 'O', 0, 15.999)                                                                           \
    X(9, 'F', 0, 18.998403163)                                                                     \
    X(10, 'N', 'e', 20.1797)                                                                       \
    X(11, 'N', 'a', 22.98976928)                                                                   \
    X(12, 'M', 'g', 24.305)                                                                        \
    X(13, 'A', 'l', 26.9815384)                                                                    \
    X(14, 'S', 'i', 28.085)                                                                        \
    X(15, 'P', 0, 30.973761998)                                                                    \
    X(16, 'S', 0, 32.06)                                                                           \
    X(17, 'C', 'l', 35.45)                                                                         \
    X(18, 'A', 'r', 39.95)                                                                         \
    X(19, 'K', 0, 39.0983)                                                                         \
    X(20, 'C', 'a', 40.078)                                                                        \
    X(21, 'S', 'c', 44.955907)                                                                     \
    X(22, 'T', 'i', 47.867)                                                                        \
    X(23, 'V', 0, 50.9415)                                                                         \
    X(24, 'C', 'r', 51.9961)                                                                       \
    X(25, 'M', 'n', 54.938043)                                                                     \
    X(26, 'F', 'e', 55.845)                                                                        \
    X(27, 'C', 'o', 58.933194)                                                                     \
    X(28, 'N', 'i', 58.6934)                                                                       \
    X(29, 'C', 'u', 63.546)                                                                        \
    X(30, 'Z', 'n', 65.38)                                                                         \
    X(31, 'G', 'a', 69.723)                                                                        \
    X(32, 'G', 'e', 72.63)                                                                         \
    X(33, 'A', 's', 74.921595)                                                                     \
    X(34, 'S', 'e', 78.971)                                                                        \
    X(35, 'B', 'r', 79.904)                                                                        \
    X(36, 'K', 'r', 83.798)                                                                        \
    X(37, 'R', 'b', 85.4678)                                                                       \
    X(38, 'S', 'r', 87.62)                                                                         \
    X(39, 'Y', 0, 88.905838)                                                                       \
    X(40, 'Z', 'r', 91.224)                                                                        \
    X(41, 'N', 'b', 92.90637)                                                                      \
    X(42, 'M', 'o', 95.95)                                                                         \
    X(43, 'T', 'c', 97.90721)                                                                      \
    X(44, 'R', 'u', 101.07)                                                                        \
    X(45, 'R', 'h', 102.9055)                                                                      \
    X(46, 'P', 'd', 106.42)                                                                        \
    X(47, 'A', 'g', 107.8682)                                                                      \
    X(48, 'C', 'd', 112.414)                                                                       \
    X(49, 'I', 'n', 114.818)                                                                       \
    X(50, 'S', 'n', 118.71)                                                                        \
    X(51, 'S', 'b', 121.76)                                                                        \
    X(52, 'T', 'e', 127.6)                                                                         \
    X(53, 'I', 0, 126.90447)                                                                       \
    X(54, 'X', 'e', 131.293)                                                                       \
    X(55, 'C', 's', 132.90545196)                                                                  \
    X(56, 'B', 'a', 137.327)                                                                       \
    X(57, 'L', 'a', 138.90547)                                                                     \
    X(58, 'C', 'e', 140.116)                                                                       \
    X(59, 'P', 'r', 140.90766)                                                                     \
    X(60, 'N', 'd', 144.242)                                                                       \
    X(61, 'P', 'm', 144.91276)                                                                     \
    X(62, 'S', 'm', 150.36)                                                                        \
    X(63, 'E', 'u', 151.964)                                                                       \
    X(64, 'G', 'd', 157.25)                                                                        \
    X(65, 'T', 'b', 158.925354)                                                                    \
    X(66, 'D', 'y', 162.5)                                                                         \
    X(67, 'H', 'o', 164.930329)                                                                    \
    X(68, 'E', 'r', 167.259)                                                                       \
    X(69, 'T', 'm', 168.934219)                                                                    \
    X(70, 'Y', 'b', 173.045)                                                                       \
    X(71, 'L', 'u', 174.9668)                                                                      \
    X(72, 'H', 'f', 178.486)                                                                       \
    X(73, 'T', 'a', 180.94788)                                                                     \
    X(74, 'W', 0, 183.84)                                                                          \
    X(75, 'R', 'e', 186.207)                                                                       \
    X(76, 'O', 's', 190.23)                                                                        \
    X(77, 'I', 'r', 192.217)                                                                       \
    X(78, 'P', 't', 195.084)                                                                       \
    X(79, 'A', 'u', 196.96657)                                                                     \
    X(80, 'H', 'g', 200.592)                                                                       \
    X(81, 'T', 'l', 204.38)                                                                        \
    X(82, 'P', 'b', 207.2)                                                                         \
    X(83, 'B', 'i', 208.9804)                                                                      \
    X(84, 'P', 'o', 208.98243)                                                                     \
    X(85, 'A', 't', 209.98715)                                                                     \
    X(86, 'R', 'n', 222.01758)                                                                     \
    X(87, 'F', 'r', 223.01974)                                                                     \
    X(88, 'R', 'a', 226.02541)                                                                     \
    X(89, 'A', 'c', 227.02775)                                                                     \
    X(90, 'T', 'h', 232.0377)                                                                      \
    X(91, 'P', 'a', 231.03588)                                                                     \
    X(92, 'U', 0, 238.02891)                                                                       \
    X(93, 'N', 'p', 237.04817)                                                                     \
    X(94, 'P', 'u', 244.06421)                                                                     \
    X(95, 'A', 'm', 243.06138)                                                                     \
    X(96, 'C', 'm', 247.07035)                                                                     \
    X(97, 'B', 'k', 247.07031)                                                                     \
    X(98, 'C', 'f', 251.07959)                                                                     \
    X(99, 'E', 's', 252.083)                                                                       \
    X(100, 'F', 'm', 257.09511)                                                                    \
    X(101, 'M', 'd', 258.09843)                                                                    \
    X(102, 'N', 'o', 259.101)                                                                      \
    X(103, 'L', 'r', 262.11)                                                                       \
    X(104, 'R', 'f', 267.122)                                                                      \
    X(105, 'D', 'b', 268.126)                                                                      \
    X(106, 'S', 'g', 271.134)                                                                      \
    X(107, 'B', 'h', 270.133)                                                                      \
    X(108, 'H', 's', 269.1338)                                                                     \
    X(109, 'M', 't', 278.156)                                                                      \
    X(110, 'D', 's', 281.165)                                                                      \
    X(111, 'R', 'g', 281.166)                                                                      \
    X(112, 'C', 'n', 285.177)                                                                      \
    X(113, 'N', 'h', 286.182)                                                                      \
    X(114, 'F', 'l', 289.19)                                                                       \
    X(115, 'M', 'c', 289.194)                                                                      \
    X(116, 'L', 'v', 293.204)                                                                      \
    X(117, 'T', 's', 293.208)                                                                      \
    X(118, 'O', 'g', 294.214)

static const struct {
    char symbol[3];
    double mass;
} elements[VT_ELEMENTS + 1] = {
#define ELEMENT_ROW(number, first, second, mass) [number] = {{first, second, 0}, mass},
    ELEMENTS(ELEMENT_ROW)
#undef ELEMENT_ROW
};

/* Atomic numbers by letters: one look-up, since a reader asks for every atom of every frame. Column
 * 0 is for the symbols of one letter. */
enum { LETTERS = 26 };
static const unsigned char by_letters[LETTERS][LETTERS + 1] = {
#define LETTERS_ROW(number, first, second, mass)                                                   \
    [(first) - 'A'][(second) ? (second) - 'a' + 1 : 0] = (number),
    ELEMENTS(LETTERS_ROW)
#undef LETTERS_ROW
};

int vt_atomic_number(const char *symbol, size_t length)
{
    assert(symbol || length == 0);
    if (length < 1 || length > 2 || symbol[0] < 'A' || symbol[0] > 'Z')
        return 0;
    int second = 0;
    if (length == 2) {
        if (symbol[1] < 'a' || symbol[1] > 'z')
            return 0;
        second = symbol[1] - 'a' + 1;
    }
    return by_letters[symbol[0] - 'A'][second];
}

const char *vt_element_symbol(int atomic_number)
{
    assert(atomic_number >= 1 && atomic_number <= VT_ELEMENTS);
    return elements[atomic_number].symbol;
}

double vt_element_mass(int atomic_number)
{
    assert(atomic_number >= 1 && atomic_number <= VT_ELEMENTS);
    return elements[atomic_number].mass;
}

int vt_element_by_mass(double mass)
{
    int nearest = 0;
    double least = 0.5;
    for (int i = 1; i <= VT_ELEMENTS; i++) {
        const double distance = fabs(elements[i].mass - mass);
        if (distance < least) {
            nearest = i;
            least = distance;
        }
    }
    return nearest;
}
