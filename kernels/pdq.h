/* Exact search in a set of PDQ hashes: which lie within a Hamming radius of a query.
 *
 * A hash is 256 bits: 16 words of 16 bits in a ring. If two hashes differ in at most r bits, then at some word i (the
 * pigeonring principle: Qin and Xiao, VLDB 2018, strong form) the words differ in at most r/16 bits and the words i and
 * i+1 together in at most 2r/16. So there is a table for each word: all hashes sorted by it ("keys"), and beside each
 * hash its following word ("nexts"), which is compared before the hash itself is ever touched.
 *
 * Owns: the forms of memory; who calls owns the memory itself.
 * Promises: whatever stands in the arrays, nothing outside them is read or written, PDQ_PAD words behind `nexts`
 * excepted, which must be there; every pair is reported once.
 * Never does: touch Python; keep anything between calls; know what an id stands for.
 */
#ifndef BEFFROI_PDQ_H
#define BEFFROI_PDQ_H

#include <stddef.h>
#include <stdint.h>

#define PDQ_ROWS_MAX ((size_t)1 << 31)

enum {
    PDQ_WORDS = 16,        /* tables too */
    PDQ_KEYS = 1 << 16,    /* values of a word */
    PDQ_OFFSETS = PDQ_KEYS + 1,
    PDQ_PAD = 32,          /* words behind `nexts` that may be read, and never count */
    PDQ_RADIUS_MAX = 47,
    PDQ_SPREAD_ROWS = 64 * 16,  /* where each value of each half byte goes */
};

enum pdq_path { PDQ_PORTABLE, PDQ_AVX2, PDQ_AVX512, PDQ_PATHS };

struct pdq_row {
    uint64_t part[4];
};

/* Hashes and what they are called. A bit of `dead` that is set takes a hash out; NULL: none is. */
struct pdq_rows {
    size_t count;
    const struct pdq_row *rows;
    const void *ids;  /* uint32_t or uint64_t, as `id_bytes` says */
    size_t id_bytes;
    const uint8_t *dead;
};

/* The tables over `count` hashes. Of table t: `offsets` from t × PDQ_OFFSETS say where each key's hashes begin and end
 * in `nexts` and `places`, both from t × count. */
struct pdq_tables {
    uint32_t *offsets;
    uint16_t *nexts;
    uint32_t *places;
};

struct pdq_pair {
    uint64_t key;  /* row of the query × 256 + distance */
    uint64_t id;
};

struct pdq_found {
    struct pdq_pair *pairs;  /* malloc'ed */
    size_t count, room;
};

/* Whether this processor (and its operating system) can run a path. */
int pdq_can(enum pdq_path path);

/* Hashes with their bits in another order, which is the same for all of them; `spread` says which. Bits of pictures
 * that stand together are alike; far apart they fill the tables more evenly. `to` may be `from`. */
void pdq_spread(const struct pdq_row *spread, const struct pdq_row *from, size_t count, struct pdq_row *to);

/* Fills `tables` from `rows`; `scratch` is room for `count`, which is at most PDQ_ROWS_MAX. */
void pdq_build(const struct pdq_row *rows, size_t count, const struct pdq_tables *tables, uint64_t *scratch);

/* Whether offsets ascend from 0 to `count` and all places lie below it. */
int pdq_is_sound(const struct pdq_tables *tables, size_t count);

/* All pairs of one of `m` queries (bits in the order of the rows) and a hash at most `radius` away: in `ring`, which has
 * tables, and in `tail`, which has none. 0, or -1 where there is no memory. In no order; `pdq_sort` makes one. */
int pdq_search(enum pdq_path path, const struct pdq_rows *ring, const struct pdq_tables *tables,
               const struct pdq_rows *tail, const struct pdq_row *queries, size_t m, unsigned radius,
               struct pdq_found *found);

/* By row, distance, id. 0, or -1 where there is no memory. */
int pdq_sort(struct pdq_found *found);

typedef int pdq_searcher(const struct pdq_rows *, const struct pdq_tables *, const struct pdq_rows *,
                         const struct pdq_row *, size_t, unsigned, struct pdq_found *);
pdq_searcher pdq_search_portable, pdq_search_avx2, pdq_search_avx512;

#if defined(__x86_64__) && defined(__GNUC__)
#define PDQ_X86 1
#else
#define PDQ_X86 0
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words are read as little-endian; without this extension numpy gives the same results"
#endif

#endif
