/* What is the same whatever the processor can do: bits in order, tables, dispatch, the order of results. */
#include "pdq.h"

#include <stdlib.h>
#include <string.h>

int pdq_can(enum pdq_path path) {
    switch (path) {
    case PDQ_PORTABLE:
        return 1;
#if PDQ_X86
    case PDQ_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
    case PDQ_AVX512:
        return pdq_can(PDQ_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bitalg");
#endif
    default:
        return 0;
    }
}

int pdq_search(enum pdq_path path, const struct pdq_rows *ring, const struct pdq_tables *tables,
               const struct pdq_rows *tail, const struct pdq_row *queries, size_t m, unsigned radius,
               struct pdq_found *found) {
    switch (path) {
#if PDQ_X86
    case PDQ_AVX512:
        return pdq_search_avx512(ring, tables, tail, queries, m, radius, found);
    case PDQ_AVX2:
        return pdq_search_avx2(ring, tables, tail, queries, m, radius, found);
#endif
    default:
        return pdq_search_portable(ring, tables, tail, queries, m, radius, found);
    }
}

void pdq_spread(const struct pdq_row *spread, const struct pdq_row *from, size_t count, struct pdq_row *to) {
    for (size_t row = 0; row < count; row++) {
        struct pdq_row bits = {{0, 0, 0, 0}};
        for (int half = 0; half < 64; half++) {
            const unsigned value = (from[row].part[half / 16] >> (half % 16 * 4)) & 15;
            const struct pdq_row *goes = &spread[half * 16 + value];
            for (int part = 0; part < 4; part++) bits.part[part] |= goes->part[part];
        }
        to[row] = bits;
    }
}

static unsigned word_of(const struct pdq_row *row, unsigned word) {
    return (unsigned)(row->part[word / 4] >> (word % 4 * 16)) & 0xFFFF;
}

/* A hash on its way into a table: its place, the next word, the key. */
static uint64_t packed(const struct pdq_row *row, size_t place, unsigned table) {
    return (uint64_t)place << 32 | (uint64_t)word_of(row, (table + 1) % PDQ_WORDS) << 16 | word_of(row, table);
}

enum { HALF_KEYS = 256 };

/* Of each table: how many keys have which upper half. */
static void count_upper(const struct pdq_row *rows, size_t count, size_t counts[PDQ_WORDS][HALF_KEYS]) {
    memset(counts, 0, sizeof(size_t[PDQ_WORDS][HALF_KEYS]));
    for (size_t place = 0; place < count; place++)
        for (unsigned table = 0; table < PDQ_WORDS; table++) counts[table][word_of(&rows[place], table) >> 8]++;
}

/* By the upper half of the key into `sorted`, which has so many of each; where the 256 parts begin into `begins`. */
static void part_by_upper(const struct pdq_row *rows, size_t count, unsigned table, const size_t *counts,
                          uint64_t *sorted, size_t *begins) {
    size_t next[HALF_KEYS];
    begins[0] = 0;
    for (int upper = 0; upper < HALF_KEYS; upper++) {
        next[upper] = begins[upper];
        begins[upper + 1] = begins[upper] + counts[upper];
    }
    for (size_t place = 0; place < count; place++) {
        const uint64_t one = packed(&rows[place], place, table);
        sorted[next[(one >> 8) & 0xFF]++] = one;
    }
}

/* One part, whose keys share their upper half, by the lower half into the table. Small enough for a cache. */
static void sort_part(const uint64_t *sorted, size_t begin, size_t end, uint32_t *offsets, uint16_t *nexts,
                      uint32_t *places) {
    size_t next[HALF_KEYS] = {0};
    for (size_t at = begin; at < end; at++) next[sorted[at] & 0xFF]++;
    size_t first = begin;
    for (int lower = 0; lower < HALF_KEYS; lower++) {
        const size_t many = next[lower];
        offsets[lower] = (uint32_t)first;
        next[lower] = first;
        first += many;
    }
    for (size_t at = begin; at < end; at++) {
        const size_t to = next[sorted[at] & 0xFF]++;
        nexts[to] = (uint16_t)(sorted[at] >> 16);
        places[to] = (uint32_t)(sorted[at] >> 32);
    }
}

void pdq_build(const struct pdq_row *rows, size_t count, const struct pdq_tables *tables, uint64_t *scratch) {
    size_t counts[PDQ_WORDS][HALF_KEYS], begins[HALF_KEYS + 1];
    count_upper(rows, count, counts);
    for (unsigned table = 0; table < PDQ_WORDS; table++) {
        uint32_t *offsets = tables->offsets + (size_t)table * PDQ_OFFSETS;
        part_by_upper(rows, count, table, counts[table], scratch, begins);
        for (int upper = 0; upper < HALF_KEYS; upper++)
            sort_part(scratch, begins[upper], begins[upper + 1], offsets + upper * HALF_KEYS,
                      tables->nexts + table * count, tables->places + table * count);
        offsets[PDQ_KEYS] = (uint32_t)count;
    }
    memset(tables->nexts + PDQ_WORDS * count, 0, PDQ_PAD * sizeof *tables->nexts);
}

int pdq_is_sound(const struct pdq_tables *tables, size_t count) {
    uint32_t highest = 0;
    for (unsigned table = 0; table < PDQ_WORDS; table++) {
        const uint32_t *offsets = tables->offsets + (size_t)table * PDQ_OFFSETS;
        if (offsets[0] != 0 || offsets[PDQ_KEYS] != count) return 0;
        for (int key = 0; key < PDQ_KEYS; key++)
            if (offsets[key] > offsets[key + 1]) return 0;
    }
    for (size_t at = 0; at < PDQ_WORDS * count; at++)
        if (tables->places[at] > highest) highest = tables->places[at];
    return count == 0 || highest < count;
}

enum { FEW = 48 };

static int comes_before(const struct pdq_pair *one, const struct pdq_pair *other) {
    return one->key != other->key ? one->key < other->key : one->id < other->id;
}

static void sort_few(struct pdq_pair *pairs, size_t count) {
    for (size_t at = 1; at < count; at++) {
        const struct pdq_pair one = pairs[at];
        size_t to = at;
        for (; to > 0 && comes_before(&one, &pairs[to - 1]); to--) pairs[to] = pairs[to - 1];
        pairs[to] = one;
    }
}

static unsigned byte_of(const struct pdq_pair *pair, unsigned byte) {
    return (unsigned)((byte < 8 ? pair->id >> (8 * byte) : pair->key >> (8 * (byte - 8))) & 0xFF);
}

/* One pass of a radix sort; it keeps the order of equals. */
static void sort_by_byte(const struct pdq_pair *from, size_t count, unsigned byte, struct pdq_pair *to) {
    size_t next[256] = {0}, begin = 0;
    for (size_t at = 0; at < count; at++) next[byte_of(&from[at], byte)]++;
    for (int value = 0; value < 256; value++) {
        const size_t many = next[value];
        next[value] = begin;
        begin += many;
    }
    for (size_t at = 0; at < count; at++) to[next[byte_of(&from[at], byte)]++] = from[at];
}

int pdq_sort(struct pdq_found *found) {
    if (found->count <= FEW) {
        sort_few(found->pairs, found->count);
        return 0;
    }
    struct pdq_pair *other = malloc(found->count * sizeof *other), varies = {0, 0};
    if (!other) return -1;
    for (size_t at = 1; at < found->count; at++) {
        varies.key |= found->pairs[at].key ^ found->pairs[0].key;
        varies.id |= found->pairs[at].id ^ found->pairs[0].id;
    }
    for (unsigned byte = 0; byte < 16; byte++) {
        if (!byte_of(&varies, byte)) continue;
        sort_by_byte(found->pairs, found->count, byte, other);
        struct pdq_pair *sorted = other;
        other = found->pairs;
        found->pairs = sorted;
    }
    free(other);
    found->room = found->count;
    return 0;
}
