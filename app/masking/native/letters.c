/* Letters of keys without accents, as `fold_key` of the reference folds them: compatibility decomposition, combining
 * marks away, lower case (ASCII letters keep theirs, since they part words). Latin, Greek, Cyrillic, kana, Hangul and Thai
 * are known; every other character stands for itself. */
#include "keys.h"

#include <string.h>

/* U+00A0 to U+017F */
static const char *const LETTERS_LATIN[224] = {
    " ", "\xc2\xa1", "\xc2\xa2", "\xc2\xa3", "\xc2\xa4", "\xc2\xa5", "\xc2\xa6", "\xc2\xa7", " ", "\xc2\xa9", "a",
    "\xc2\xab", "\xc2\xac", "\xc2\xad", "\xc2\xae", " ", "\xc2\xb0", "\xc2\xb1", "2", "3", " ", "\xce\xbc",
    "\xc2\xb6", "\xc2\xb7", " ", "1", "o", "\xc2\xbb", "1\xe2\x81\x84" "4", "1\xe2\x81\x84" "2", "3\xe2\x81\x84" "4",
    "\xc2\xbf", "A", "A", "A", "A", "A", "A", "\xc3\xa6", "C", "E", "E", "E", "E", "I", "I", "I", "I", "\xc3\xb0",
    "N", "O", "O", "O", "O", "O", "\xc3\x97", "\xc3\xb8", "U", "U", "U", "U", "Y", "\xc3\xbe", "ss", "a", "a", "a",
    "a", "a", "a", "\xc3\xa6", "c", "e", "e", "e", "e", "i", "i", "i", "i", "\xc3\xb0", "n", "o", "o", "o", "o", "o",
    "\xc3\xb7", "\xc3\xb8", "u", "u", "u", "u", "y", "\xc3\xbe", "y", "A", "a", "A", "a", "A", "a", "C", "c", "C",
    "c", "C", "c", "C", "c", "D", "d", "\xc4\x91", "\xc4\x91", "E", "e", "E", "e", "E", "e", "E", "e", "E", "e", "G",
    "g", "G", "g", "G", "g", "G", "g", "H", "h", "\xc4\xa7", "\xc4\xa7", "I", "i", "I", "i", "I", "i", "I", "i", "I",
    "\xc4\xb1", "IJ", "ij", "J", "j", "K", "k", "\xc4\xb8", "L", "l", "L", "l", "L", "l", "L\xc2\xb7", "l\xc2\xb7",
    "\xc5\x82", "\xc5\x82", "N", "n", "N", "n", "N", "n", "\xca\xbcn", "\xc5\x8b", "\xc5\x8b", "O", "o", "O", "o",
    "O", "o", "\xc5\x93", "\xc5\x93", "R", "r", "R", "r", "R", "r", "S", "s", "S", "s", "S", "s", "S", "s", "T", "t",
    "T", "t", "\xc5\xa7", "\xc5\xa7", "U", "u", "U", "u", "U", "u", "U", "u", "U", "u", "U", "u", "W", "w", "Y", "y",
    "Y", "Z", "z", "Z", "z", "Z", "z", "s",
};

/* U+0370 to U+045F */
static const uint16_t LETTERS_NEAR[240] = {
    0x371, 0x371, 0x373, 0x373, 0x2b9, 0x375, 0x377, 0x377, 0x378, 0x379, 0x20, 0x37b, 0x37c, 0x37d, 0x3b, 0x3f3,
    0x380, 0x381, 0x382, 0x383, 0x20, 0x20, 0x3b1, 0xb7, 0x3b5, 0x3b7, 0x3b9, 0x38b, 0x3bf, 0x38d, 0x3c5, 0x3c9,
    0x3b9, 0x3b1, 0x3b2, 0x3b3, 0x3b4, 0x3b5, 0x3b6, 0x3b7, 0x3b8, 0x3b9, 0x3ba, 0x3bb, 0x3bc, 0x3bd, 0x3be, 0x3bf,
    0x3c0, 0x3c1, 0x3a2, 0x3c3, 0x3c4, 0x3c5, 0x3c6, 0x3c7, 0x3c8, 0x3c9, 0x3b9, 0x3c5, 0x3b1, 0x3b5, 0x3b7, 0x3b9,
    0x3c5, 0x3b1, 0x3b2, 0x3b3, 0x3b4, 0x3b5, 0x3b6, 0x3b7, 0x3b8, 0x3b9, 0x3ba, 0x3bb, 0x3bc, 0x3bd, 0x3be, 0x3bf,
    0x3c0, 0x3c1, 0x3c2, 0x3c3, 0x3c4, 0x3c5, 0x3c6, 0x3c7, 0x3c8, 0x3c9, 0x3b9, 0x3c5, 0x3bf, 0x3c5, 0x3c9, 0x3d7,
    0x3b2, 0x3b8, 0x3c5, 0x3c5, 0x3c5, 0x3c6, 0x3c0, 0x3d7, 0x3d9, 0x3d9, 0x3db, 0x3db, 0x3dd, 0x3dd, 0x3df, 0x3df,
    0x3e1, 0x3e1, 0x3e3, 0x3e3, 0x3e5, 0x3e5, 0x3e7, 0x3e7, 0x3e9, 0x3e9, 0x3eb, 0x3eb, 0x3ed, 0x3ed, 0x3ef, 0x3ef,
    0x3ba, 0x3c1, 0x3c2, 0x3f3, 0x3b8, 0x3b5, 0x3f6, 0x3f8, 0x3f8, 0x3c3, 0x3fb, 0x3fb, 0x3fc, 0x37b, 0x37c, 0x37d,
    0x435, 0x435, 0x452, 0x433, 0x454, 0x455, 0x456, 0x456, 0x458, 0x459, 0x45a, 0x45b, 0x43a, 0x438, 0x443, 0x45f,
    0x430, 0x431, 0x432, 0x433, 0x434, 0x435, 0x436, 0x437, 0x438, 0x438, 0x43a, 0x43b, 0x43c, 0x43d, 0x43e, 0x43f,
    0x440, 0x441, 0x442, 0x443, 0x444, 0x445, 0x446, 0x447, 0x448, 0x449, 0x44a, 0x44b, 0x44c, 0x44d, 0x44e, 0x44f,
    0x430, 0x431, 0x432, 0x433, 0x434, 0x435, 0x436, 0x437, 0x438, 0x438, 0x43a, 0x43b, 0x43c, 0x43d, 0x43e, 0x43f,
    0x440, 0x441, 0x442, 0x443, 0x444, 0x445, 0x446, 0x447, 0x448, 0x449, 0x44a, 0x44b, 0x44c, 0x44d, 0x44e, 0x44f,
    0x435, 0x435, 0x452, 0x433, 0x454, 0x455, 0x456, 0x456, 0x458, 0x459, 0x45a, 0x45b, 0x43a, 0x438, 0x443, 0x45f,
};

/* U+1E00 to U+1EFF: the plain letter, or '-' for a character that stands for itself. */
static const char LETTERS_EXTENDED[257] =
    "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSs"
    "SsSsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwy-s----AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEe"
    "IiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy------";

/* Bytes 0x80 to 0x9F of cp1252; 0xFFFD has no character. */
static const uint16_t LETTERS_CP1252[32] = {
    0x20ac, 0xfffd, 0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0xfffd, 0x17d,  0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0xfffd, 0x17e,  0x178};

enum { LONGEST_LETTER = 9 };

static uint32_t letter_write(uint32_t code, uint8_t *into) {
    if (code < 0x80) return into[0] = (uint8_t)code, 1;
    if (code < 0x800) {
        into[0] = (uint8_t)(0xC0 | code >> 6);
        into[1] = (uint8_t)(0x80 | (code & 63));
        return 2;
    }
    uint32_t more = code < 0x10000 ? 2 : 3, at = more;
    for (; at; code >>= 6) into[at--] = (uint8_t)(0x80 | (code & 63));
    into[0] = (uint8_t)((more == 2 ? 0xE0 : 0xF0) | code);
    return more + 1;
}

/* A syllable of Hangul as its letters. */
static uint32_t letter_of_hangul(uint32_t code, uint8_t *into) {
    uint32_t index = code - 0xAC00, used = letter_write(0x1100 + index / 588, into);
    used += letter_write(0x1161 + index % 588 / 28, into + used);
    return index % 28 ? used + letter_write(0x11A7 + index % 28, into + used) : used;
}

/* A sign of kana with its mark apart. */
static uint32_t letter_of_kana(uint32_t code, uint8_t *into) {
    uint32_t plain = code >= 0x30A0 ? code - 0x60 : code, back = 0, mark = 0x3099, used;
    if (plain >= 0x304C && plain <= 0x3062) back = !(plain & 1);
    else if (plain >= 0x3065 && plain <= 0x3069) back = plain & 1;
    else if (plain >= 0x306F && plain <= 0x307D) back = (plain - 0x306F) % 3;
    else if (plain == 0x3094) back = 0x4E;
    else if (plain == 0x309E) back = 1;
    else if (code >= 0x30F7 && code <= 0x30FA) back = 8;
    if (back == 2) mark = 0x309A;
    used = letter_write(code - back, into);
    return back ? used + letter_write(mark, into + used) : used;
}

/* What a character is in a folded key, as UTF-8 of at most LONGEST_LETTER bytes; a combining mark is nothing. */
static uint32_t letter_fold(uint32_t code, uint8_t *into) {
    const char *plain = NULL;
    if (code >= 0xA0 && code < 0x180) plain = LETTERS_LATIN[code - 0xA0];
    if (code == 0x2026) plain = "...";
    if (code == 0x2122) plain = "TM";
    if (code == 0x2DC) plain = " ";
    if (plain) {
        uint32_t size = (uint32_t)strlen(plain);
        memcpy(into, plain, size);
        return size;
    }
    if (code >= 0x300 && code < 0x370) return 0;
    if (code >= 0xAC00 && code < 0xD7A4) return letter_of_hangul(code, into);
    if (code >= 0x3041 && code < 0x30FF && code != 0x309B && code != 0x309C && code != 0x309F) return letter_of_kana(code, into);
    if (code == 0xE33) return letter_write(0xE4D, into), letter_write(0xE32, into + 3), 6;
    if (code > 0xFF00 && code < 0xFF5F) code -= 0xFEE0;
    if (code == 0x3000) code = ' ';
    if (code >= 0x370 && code < 0x460) code = LETTERS_NEAR[code - 0x370];
    if (code >= 0x1E00 && code < 0x1F00 && LETTERS_EXTENDED[code - 0x1E00] != '-')
        code = (uint8_t)LETTERS_EXTENDED[code - 0x1E00];
    return letter_write(code, into);
}

/* The character at a place of UTF-8 text and its size in bytes, 0 when it is none. */
static uint32_t letter_read(const uint8_t *text, uint32_t size, uint32_t *code) {
    static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
    uint8_t first = text[0];
    uint32_t more = first < 0x80 ? 0 : first < 0xC2 ? 4 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : 4;
    if (more == 4 || more >= size + !more) return 0;
    *code = more == 0 ? first : first & (0x3Fu >> more);
    for (uint32_t i = 1; i <= more; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
        *code = *code << 6 | (text[i] & 63);
    }
    if (*code < least[more] || (*code >= 0xD800 && *code < 0xE000) || *code > 0x10FFFF) return 0;
    return more + 1;
}
