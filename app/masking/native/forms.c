/* The forms a learned value is looked for in: turned names, escapes, notations of numbers. Part of learned.c. */

static const char hex_upper[] = "0123456789ABCDEF", hex_lower[] = "0123456789abcdef";

static inline bool form_as_it_is(uint8_t c) { return cf_is_alnum(c) || c == '_' || c == '.' || c == '-' || c == '~'; }

/* As `quote` of Python with nothing safe; with `plus` as `quote_plus`. */
static bool form_quoted(cf_learned *learned, int32_t value, const uint8_t *text, uint32_t size, bool plus) {
    uint8_t quoted[LONGEST_FORM];
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++) {
        uint8_t c = text[i];
        if (count + 3 > sizeof quoted) return true;
        if (form_as_it_is(c)) quoted[count++] = c;
        else if (plus && c == ' ') quoted[count++] = '+';
        else {
            quoted[count++] = '%';
            quoted[count++] = (uint8_t)hex_upper[c >> 4];
            quoted[count++] = (uint8_t)hex_upper[c & 15];
        }
    }
    return form_add(learned, value, quoted, count);
}

static bool form_plain(cf_learned *learned, int32_t value, const uint8_t *text, uint32_t size) {
    bool quoted = false, blank = false;
    for (uint32_t i = 0; i < size; i++) {
        quoted |= !form_as_it_is(text[i]);
        blank |= text[i] == ' ';
    }
    return form_add(learned, value, text, size) && (!quoted || form_quoted(learned, value, text, size, false)) &&
           (!blank || form_quoted(learned, value, text, size, true));
}

/* `one`, `middle`, `two` put together. */
static bool form_turned(cf_learned *learned, int32_t value, const uint8_t *one, uint32_t one_size, const char *middle,
                        const uint8_t *two, uint32_t two_size) {
    uint8_t text[LONGEST_VALUE + 4];
    uint32_t size = (uint32_t)strlen(middle);
    memcpy(text, one, one_size);
    memcpy(text + one_size, middle, size);
    memcpy(text + one_size + size, two, two_size);
    return form_plain(learned, value, text, one_size + size + two_size);
}

static bool forms_of_name(cf_learned *learned, int32_t value, const uint8_t *text, uint32_t size) {
    const uint8_t *word[2];
    uint32_t length[2], words = 0;
    for (uint32_t i = 0; i < size;) {
        uint32_t end = i;
        while (end < size && text[end] != ',' && !cf_is_space(text[end])) end++;
        if (end > i) {
            if (words == 2) return true;
            word[words] = text + i;
            length[words++] = end - i;
        }
        i = end + 1;
    }
    if (words < 2) return true;
    static const char *const turned[] = {" ", ", ", ","}, *const straight[] = {" ", ".", "_"};
    for (int i = 0; i < 3; i++)
        if (!form_turned(learned, value, word[1], length[1], turned[i], word[0], length[0]) ||
            !form_turned(learned, value, word[0], length[0], straight[i], word[1], length[1]))
            return false;
    return true;
}

/* The character at a place in valid UTF-8 and its size; size 0 where it is not valid. */
static uint32_t utf8_next(const uint8_t *text, uint32_t size, uint32_t *length) {
    uint8_t c = text[0];
    uint32_t more = c < 0x80 ? 0 : c >= 0xC2 && c < 0xE0 ? 1 : c >= 0xE0 && c < 0xF0 ? 2 : c >= 0xF0 && c < 0xF5 ? 3 : 9, point;
    *length = 0;
    if (more >= size) return 0;
    point = more == 0 ? c : more == 1 ? c & 31 : more == 2 ? c & 15 : c & 7;
    for (uint32_t i = 1; i <= more; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
        point = point << 6 | (text[i] & 63);
    }
    if ((more == 2 && (point < 0x800 || (point >= 0xD800 && point < 0xE000))) || (more == 3 && (point < 0x10000 || point > 0x10FFFF)))
        return 0;
    *length = 1 + more;
    return point;
}

/* \u00e4 for every character beyond ASCII, as JSON and Java write them. */
static bool form_escaped(cf_learned *learned, int32_t value, const uint8_t *text, uint32_t size) {
    uint8_t escaped[LONGEST_FORM];
    uint32_t count = 0, length;
    for (uint32_t i = 0; i < size; i += length) {
        uint32_t point = utf8_next(text + i, size - i, &length);
        if (!length || count + 10 > sizeof escaped) return true;
        if (point < 0x80) {
            escaped[count++] = (uint8_t)point;
            if (point == 'x' && count > 1 && escaped[count - 2] == '\\') { /* as the reference does */
                memcpy(escaped + count - 1, "u00", 3);
                count += 2;
            }
            continue;
        }
        uint32_t digits = point < 0x10000 ? 4 : 8;
        escaped[count++] = '\\';
        escaped[count++] = digits == 4 ? 'u' : 'U';
        while (digits--) escaped[count++] = (uint8_t)hex_lower[point >> (4 * digits) & 15];
    }
    return form_add(learned, value, escaped, count);
}

static bool form_replaced(cf_learned *learned, int32_t value, const uint8_t *text, uint32_t size, const char *ampersand,
                          const char *quote) {
    uint8_t replaced[LONGEST_FORM];
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++) {
        const char *as = text[i] == '&' ? ampersand : text[i] == '\'' ? quote : NULL;
        uint32_t length = as ? (uint32_t)strlen(as) : 1;
        if (count + length > sizeof replaced) return true;
        memcpy(replaced + count, as ? (const void *)as : text + i, length);
        count += length;
    }
    return form_add(learned, value, replaced, count);
}

static bool form_of_digits(cf_learned *learned, int32_t value, const char *head, const uint8_t *digits, uint32_t size) {
    uint8_t form[LONGEST_VALUE + 16];
    uint32_t before = (uint32_t)strlen(head);
    memcpy(form, head, before);
    memcpy(form + before, digits, size);
    return before + size < learned->settings->min_digits || form_add(learned, value, form, before + size);
}

static bool forms_of_phone(cf_learned *learned, int32_t value, const uint8_t *text, uint32_t size) {
    const cf_settings *settings = learned->settings;
    uint8_t digits[LONGEST_VALUE + 16], plain[LONGEST_VALUE];
    uint32_t count = phone_digits(text, size, settings->country, settings->country_size, digits), all = 0;
    for (uint32_t i = 0; i < size && text[i] != '@' && text[i] != ';'; i++)
        if (cf_is_digit(text[i])) plain[all++] = text[i];
    if (!form_of_digits(learned, value, "", digits, count) || !form_of_digits(learned, value, "00", digits, count) ||
        !form_of_digits(learned, value, "", plain, all))
        return false;
    if (count == 11 && digits[0] == '1' && !form_of_digits(learned, value, "", digits + 1, 10)) return false;
    uint32_t head = settings->country_size;
    if (!head || count < head || memcmp(digits, settings->country, head) != 0) return true;
    return form_of_digits(learned, value, "0", digits + head, count - head);
}

/* UTF-8 as cp1252, or what is not UTF-8 read as cp1252 and written as UTF-8: how a file of the other encoding holds a value.
 * 0: it cannot be written so, or in more bytes than a value has. */
static uint32_t form_recoded(const uint8_t *text, uint32_t size, uint8_t *recoded) {
    uint32_t count = 0, length = 1, at = 0;
    while (at < size && length) {
        utf8_next(text + at, size - at, &length);
        at += length;
    }
    bool utf8 = length != 0;
    for (at = 0; at < size; at += length) {
        uint32_t point = utf8 ? utf8_next(text + at, size - at, &length) : (length = 1, text[at]);
        if (!utf8 && point >= 0x80 && point < 0xA0) point = LETTERS_CP1252[point - 0x80];
        if (point == 0xFFFD || count > LONGEST_VALUE) return 0;
        if (!utf8 && point >= 0x800) {
            recoded[count++] = (uint8_t)(0xE0 | point >> 12);
            recoded[count++] = (uint8_t)(0x80 | (point >> 6 & 63));
            recoded[count++] = (uint8_t)(0x80 | (point & 63));
        } else if (!utf8 && point >= 0x80) {
            recoded[count++] = (uint8_t)(0xC0 | point >> 6);
            recoded[count++] = (uint8_t)(0x80 | (point & 63));
        } else if (point < 0x80 || (point >= 0xA0 && point < 0x100)) {
            recoded[count++] = (uint8_t)point;
        } else {
            uint32_t place = 0;
            while (place < 32 && LETTERS_CP1252[place] != point) place++;
            if (place == 32) return 0;
            recoded[count++] = (uint8_t)(0x80 + place);
        }
    }
    return count <= LONGEST_VALUE ? count : 0;
}

static bool forms_of_text(cf_learned *learned, int32_t index, cf_kind kind, const uint8_t *text, uint32_t size, bool high, bool quotes) {
    if (!form_plain(learned, index, text, size) || (kind == CF_NAME && !forms_of_name(learned, index, text, size))) return false;
    if (high && !form_escaped(learned, index, text, size)) return false;
    return !quotes || (form_replaced(learned, index, text, size, "&amp;", "&apos;") &&
                       form_replaced(learned, index, text, size, "&", "&#39;") && form_replaced(learned, index, text, size, "&", "''"));
}

/* All forms of a value; those of a number with other than ASCII digits are asked of Python. */
static bool forms_of(cf_learned *learned, int32_t index) {
    uint32_t size = learned->value[index].size, high = 0;
    cf_kind kind = (cf_kind)learned->value[index].kind;
    uint8_t text[LONGEST_FORM];
    bool quotes = false;
    if (size > sizeof text) return true;
    memcpy(text, learned->arena.at + learned->value[index].at, size); /* the arena moves when it grows */
    for (uint32_t i = 0; i < size; i++) {
        high |= text[i] & 0x80;
        quotes |= text[i] == '&' || text[i] == '\'';
    }
    if ((high && kind == CF_TEL) || size > LONGEST_VALUE) {
        if (!grow((void **)&learned->pending, learned->pending_count, &learned->pending_room, sizeof *learned->pending)) return false;
        learned->pending[learned->pending_count++] = index;
        return true;
    }
    if (kind == CF_TEL) return forms_of_phone(learned, index, text, size);
    if (!forms_of_text(learned, index, kind, text, size, high, quotes)) return false;
    uint8_t recoded[LONGEST_VALUE + 3];
    uint32_t other = high ? form_recoded(text, size, recoded) : 0;
    return !other || forms_of_text(learned, index, kind, recoded, other, high, quotes);
}
