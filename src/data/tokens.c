#include "data/tokens.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A caption being split. The text is lower-cased, every kind of space is ' ', every kind of quote is
 * ' or ". A token ends before each byte that has a cut, and at spaces. */
struct splitting {
    char *text;
    size_t size;
    char *cut; /* (size+1) */
};

static const char *const contractions[] = {"n't", "'s", "'re", "'ve", "'ll", "'d", "'m"};
/* May begin a word; any other apostrophe there is a quote. */
static const char *const word_starts[] = {"'s", "'re", "'ve", "'ll", "'d", "'m", "'n"};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Part of a word's sound; a byte of a longer character counts as one. */
static bool is_spoken(char c)
{
    return is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80;
}

/* Bytes of the character that starts with this byte. */
static size_t character_size(char lead)
{
    const unsigned char byte = (unsigned char)lead;
    if (byte < 0xC0)
        return 1;
    if (byte < 0xE0)
        return 2;
    return byte < 0xF0 ? 3 : 4;
}

/* The character at `at`, which is valid UTF-8. */
static uint32_t decode(const char *at, size_t *size)
{
    static const unsigned char lead_mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    *size = character_size(*at);
    uint32_t code = (unsigned char)*at & lead_mask[*size];
    for (size_t i = 1; i < *size; i++)
        code = code << 6 | ((unsigned char)at[i] & 0x3F);
    return code;
}

struct range {
    uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* Control characters count as spaces, so that a token is always one line of visible text. */
static bool is_space(uint32_t code)
{
    static const struct range spaces[] = {{0x00, 0x20},     {0x7F, 0xA0},     {0x1680, 0x1680},
                                          {0x2000, 0x200B}, {0x2028, 0x2029}, {0x202F, 0x202F},
                                          {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
    return is_in(spaces, sizeof spaces / sizeof spaces[0], code);
}

/* Symbols beyond ASCII: those of Latin-1 that are neither letters nor numbers, general punctuation
 * without the hyphens, currencies. */
static bool is_far_symbol(uint32_t code)
{
    static const struct range symbols[] = {
        {0xA1, 0xA9},     {0xAB, 0xAC},     {0xAE, 0xB1},     {0xB4, 0xB4},    {0xB6, 0xB8},
        {0xBB, 0xBB},     {0xBF, 0xBF},     {0xD7, 0xD7},     {0xF7, 0xF7},    {0x2012, 0x2027},
        {0x2030, 0x205E}, {0x20A0, 0x20CF}, {0x3001, 0x3003}, {0x3008, 0x3011}};
    return is_in(symbols, sizeof symbols / sizeof symbols[0], code);
}

/* Lower case of the letters of ASCII, Latin-1 and Latin Extended-A; other characters as they are. */
static uint32_t lower_case(uint32_t code)
{
    enum { DOTTED_I = 0x130, LONG_S = 0x17F, Y_DIAERESIS = 0x178 };
    static const struct range by_case_distance[] = {{'A', 'Z'}, {0xC0, 0xD6}, {0xD8, 0xDE}};
    /* In these a capital stands before its small letter: first the even ones, then the odd ones. */
    static const struct range even[] = {{0x100, 0x137}, {0x14A, 0x177}};
    static const struct range odd[] = {{0x139, 0x148}, {0x179, 0x17E}};
    if (is_in(by_case_distance, 3, code))
        return code + ('a' - 'A');
    if (code == DOTTED_I)
        return 'i';
    if (code == Y_DIAERESIS)
        return 0xFF;
    if (is_in(even, 2, code))
        return code | 1;
    if (is_in(odd, 2, code))
        return code + (code & 1);
    return code;
}

/* Quotes that typesetters use as those of a keyboard. */
static uint32_t plain_quote(uint32_t code)
{
    if (code >= 0x2018 && code <= 0x201B)
        return '\'';
    return code >= 0x201C && code <= 0x201F ? '"' : code;
}

static size_t encode(uint32_t code, size_t size, const char *as_read, char *out)
{
    if (code < 0x80) {
        *out = (char)code;
        return 1;
    }
    memcpy(out, as_read, size);
    if (size == 2) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
    }
    return size;
}

/* Lower-cased, with one kind of space and of quotes; never longer than the text was. */
static void simplify(const char *text, struct splitting *s)
{
    s->size = 0;
    size_t size;
    for (const char *at = text; *at != '\0'; at += size) {
        uint32_t code = plain_quote(lower_case(decode(at, &size)));
        if (is_space(code))
            code = ' ';
        s->size += encode(code, size, at, s->text + s->size);
    }
    s->text[s->size] = '\0';
}

/* Whether the period at `period` belongs to single letters with a period each, as in r.v. or u.s. */
static bool is_abbreviation(const struct splitting *s, size_t period)
{
    size_t start = period + 1;
    while (start > 1 && s->text[start - 1] == '.' && is_letter(s->text[start - 2]))
        start -= 2;
    return start <= period && (start == 0 || strchr(" \"([{<", s->text[start - 1]) != NULL);
}

/* The index of the period that ends the text, behind which only closing quotes and brackets stand;
 * `size` if there is none. */
static size_t last_period(const struct splitting *s)
{
    size_t end = s->size;
    while (end > 0) {
        const char c = s->text[end - 1];
        const bool is_guillemet = end > 1 && c == '\xBB' && s->text[end - 2] == '\xC2';
        if (!is_guillemet && strchr(" \"')]}>", c) == NULL)
            break;
        end -= is_guillemet ? 2 : 1;
    }
    const bool ends = end > 0 && s->text[end - 1] == '.' && !is_abbreviation(s, end - 1);
    return ends ? end - 1 : s->size;
}

/* How often the byte at `at` is repeated. */
static size_t run_of(const struct splitting *s, size_t at)
{
    size_t end = at;
    while (end < s->size && s->text[end] == s->text[at])
        end++;
    return end - at;
}

/* Bytes of the symbol at `at`; 0 if a word goes on there. */
static size_t symbol_size(const struct splitting *s, size_t at, size_t period)
{
    const char c = s->text[at];
    const char before = at == 0 ? '\0' : s->text[at - 1];
    const char after = s->text[at + 1];
    if (c == '.' || c == '-') {
        const size_t run = run_of(s, at);
        return run > 1 || at == period ? run : 0;
    }
    if (c == '\'' || c == '`') {
        const bool paired = after == c;
        return paired || c == '`' ? 1 + (size_t)paired : 0;
    }
    if (strchr(",:/", c) != NULL && is_digit(before) && is_digit(after))
        return 0;
    if (c == '&' && is_letter(before) && is_letter(after))
        return 0;
    if (strchr("\"()[]{}<>,;:!?#$%&@*+=/\\^|~", c) != NULL)
        return 1;
    size_t size;
    return is_far_symbol(decode(s->text + at, &size)) ? size : 0;
}

static void cut_symbols(struct splitting *s)
{
    const size_t period = last_period(s);
    size_t step;
    for (size_t at = 0; at < s->size; at += step) {
        const size_t symbol = symbol_size(s, at, period);
        step = symbol > 0 ? symbol : character_size(s->text[at]);
        if (symbol > 0)
            s->cut[at] = s->cut[at + symbol] = 1;
    }
}

/* Bytes of the contraction or apostrophe that ends text[from, to), 0 if there is none. Before n't stands
 * a letter; else r&n't would leave a symbol alone. */
static size_t ending_size(const struct splitting *s, size_t from, size_t to)
{
    const size_t size = to - from;
    const char *const end = s->text + to;
    if (size == 3 && memcmp(end - 3, "'n'", 3) == 0)
        return 0;
    if (size > 1 && end[-1] == '\'')
        return end[-2] == '\'' ? 0 : 1;
    for (size_t i = 0; i < sizeof contractions / sizeof contractions[0]; i++) {
        const size_t length = strlen(contractions[i]);
        if (size > length && memcmp(end - length, contractions[i], length) == 0 &&
            (*contractions[i] == '\'' || is_spoken(*(end - length - 1))))
            return length;
    }
    return 0;
}

/* Whether text[from, to) starts with an apostrophe that is a quote. */
static bool starts_with_quote(const struct splitting *s, size_t from, size_t to)
{
    const char *const start = s->text + from;
    if (to - from < 2 || start[0] != '\'' || start[1] == '\'' || is_digit(start[1]))
        return false;
    for (size_t i = 0; i < sizeof word_starts / sizeof word_starts[0]; i++) {
        const size_t length = strlen(word_starts[i]);
        if (to - from >= length && memcmp(start, word_starts[i], length) == 0 &&
            (to - from == length || !is_spoken(start[length])))
            return false;
    }
    return true;
}

static void cut_word(struct splitting *s, size_t from, size_t to)
{
    for (size_t ending = ending_size(s, from, to); ending > 0;
         ending = ending_size(s, from, to)) {
        to -= ending;
        s->cut[to] = 1;
    }
    if (starts_with_quote(s, from, to))
        s->cut[from + 1] = 1;
}

/* The next piece between spaces and cuts, from *from on. False at the end of the text. */
static bool next_piece(const struct splitting *s, size_t *from, size_t *to)
{
    while (*from < s->size && s->text[*from] == ' ')
        (*from)++;
    *to = *from;
    while (*to < s->size && s->text[*to] != ' ' && (*to == *from || !s->cut[*to]))
        (*to)++;
    return *from < s->size;
}

static void cut_words(struct splitting *s)
{
    size_t to;
    for (size_t from = 0; next_piece(s, &from, &to); from = to)
        cut_word(s, from, to);
}

static void collect(const struct splitting *s, struct ccrnn_tokens *tokens)
{
    char *out = tokens->bytes;
    size_t to;
    for (size_t from = 0; next_piece(s, &from, &to); from = to) {
        memcpy(out, s->text + from, to - from);
        out[to - from] = '\0';
        tokens->token[tokens->count++] = out;
        out += to - from + 1;
    }
}

/* At most a token a byte. Four times the text: tokens with their ends (2), simplified text, cuts. */
static bool make_room(struct ccrnn_tokens *tokens, size_t size)
{
    if (size + 1 > SIZE_MAX / (4 * sizeof *tokens->token))
        return false;
    const size_t bytes = 4 * (size + 1);
    if (tokens->bytes_room < bytes) {
        free(tokens->bytes);
        tokens->bytes = malloc(bytes);
        tokens->bytes_room = tokens->bytes == NULL ? 0 : bytes;
    }
    if (tokens->token_room < size + 1) {
        free(tokens->token);
        tokens->token = malloc((size + 1) * sizeof *tokens->token);
        tokens->token_room = tokens->token == NULL ? 0 : size + 1;
    }
    return tokens->bytes != NULL && tokens->token != NULL;
}

bool ccrnn_tokens_split(const char *text, struct ccrnn_tokens *tokens)
{
    const size_t size = strlen(text);
    tokens->count = 0;
    if (!make_room(tokens, size))
        return false;
    struct splitting s = {.text = tokens->bytes + 2 * (size + 1),
                          .cut = tokens->bytes + 3 * (size + 1)};
    memset(s.cut, 0, size + 1);
    simplify(text, &s);
    cut_symbols(&s);
    cut_words(&s);
    collect(&s, tokens);
    return true;
}

bool ccrnn_token_is_punctuation(const char *token)
{
    /* The toolkit writes brackets as -LRB- and so on, and quotes as `` and ''. */
    static const char *const left_out[] = {"''", "'", "``", "`", "\"", "(", ")",  "{",   "}",
                                           ".",  "?", "!",  ",", ":",  "-", "--", "...", ";"};
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (strcmp(token, left_out[i]) == 0)
            return true;
    return false;
}

void ccrnn_tokens_release(struct ccrnn_tokens *tokens)
{
    free(tokens->token);
    free(tokens->bytes);
    *tokens = (struct ccrnn_tokens){0};
}
