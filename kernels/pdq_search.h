/* The search itself, compiled once for each path: PDQ_SEARCH is its name, pdq_near compares 32 words with a pdq_word.
 *
 * Memory is what it waits for, so everything that will be touched is asked for ahead, in waves: where the keys of 16
 * visits begin; what stands there; the few places that pass; the hashes at those places. A visit is one query in one
 * table: a single query visits its 16 tables at once, a batch one table with 16 queries at once, a large batch in a
 * large bank each key once with all queries that want it (`join`).
 *
 * Near-identical banks would make every table answer with everything. A query that has met more than half of the bank
 * stops there and is compared with each hash in turn, so that no query costs much more than that, whatever the bank.
 */
#include <stdlib.h>
#include <string.h>

#define PREFETCH(address) __builtin_prefetch(address)

#ifndef PDQ_SMALL /* tests make everything small, so that few hashes reach every line */
#define PDQ_SMALL 0
#endif

enum {
    VISITS = 16,                                 /* as many as the processor can wait for, about */
    PROBES_MAX = 1 + 16 + 120,                   /* keys at most two bits away */
    CANDIDATES = PDQ_SMALL ? 7 : 2048,           /* before they are looked at: 24 kB on the stack */
    CANDIDATES_ENOUGH = PDQ_SMALL ? 3 : 256,
    ROWS_AT_A_TIME = PDQ_SMALL ? 10 : 1024,      /* 32 kB, so that they stay close while all queries pass */
    JOIN_QUERIES_MIN = PDQ_SMALL ? 30 : 8192,    /* measured: with fewer, or with fewer hashes, visits are faster */
    JOIN_QUERIES_MAX = PDQ_SMALL ? 17 : 1 << 16, /* at a time */
    JOIN_ROWS_MIN = PDQ_SMALL ? 500 : 4000000,
    SINGLE_QUERIES_MAX = 8,
    AHEAD_MAX = 256, /* words of one key that are asked for ahead; then the processor does so itself */
};

struct candidate {
    uint32_t query, table, at;
};

struct search {
    const struct pdq_rows *ring;
    const struct pdq_tables *tables;
    const struct pdq_row *queries;
    size_t m;
    unsigned radius, first_max, both_max;  /* bits that may differ: in all, in one word, in it and the next */
    int probes;
    uint16_t masks[PROBES_MAX];
    uint8_t budgets[PROBES_MAX];  /* what is left for the next word */
    int lines;
    uint16_t line_masks[PROBES_MAX];  /* of the masks, one for each 16 keys that stand together */
    uint64_t *met;                /* of each query: hashes its keys led to */
    uint8_t *stopped_at;          /* of each query: the first table that it did not visit */
    struct candidate candidates[CANDIDATES];
    size_t candidate_count;
    struct pdq_found *found;
    int failed;
};

static inline unsigned word_of(const struct pdq_row *row, unsigned word) {
    return (unsigned)(row->part[word / 4] >> (word % 4 * 16)) & 0xFFFF;
}

static inline unsigned bits_between(const struct pdq_row *one, const struct pdq_row *other) {
    unsigned bits = 0;
    for (int part = 0; part < 4; part++) bits += (unsigned)__builtin_popcountll(one->part[part] ^ other->part[part]);
    return bits;
}

static inline int is_dead(const struct pdq_rows *rows, size_t place) {
    return rows->dead && (rows->dead[place / 8] >> (place % 8)) & 1;
}

static uint64_t id_at(const struct pdq_rows *rows, size_t place) {
    return rows->id_bytes == 4 ? ((const uint32_t *)rows->ids)[place] : ((const uint64_t *)rows->ids)[place];
}

static void report(struct search *s, const struct pdq_rows *rows, size_t place, size_t query, unsigned distance) {
    struct pdq_found *found = s->found;
    if (found->count == found->room) {
        const size_t room = found->room ? found->room * 2 : 64;
        struct pdq_pair *more = s->failed ? NULL : realloc(found->pairs, room * sizeof *more);
        if (!more) {
            s->failed = 1;
            return;
        }
        found->pairs = more;
        found->room = room;
    }
    found->pairs[found->count++] = (struct pdq_pair){(uint64_t)query << 8 | distance, id_at(rows, place)};
}

/* The first table that leads from this query to this hash: the one that reports the pair. */
static unsigned first_table(const struct search *s, const struct pdq_row *one, const struct pdq_row *other) {
    unsigned bits[PDQ_WORDS + 1];
    for (unsigned word = 0; word < PDQ_WORDS; word++)
        bits[word] = (unsigned)__builtin_popcount(word_of(one, word) ^ word_of(other, word));
    bits[PDQ_WORDS] = bits[0];
    unsigned table = 0;
    while (table < PDQ_WORDS && (bits[table] > s->first_max || bits[table] + bits[table + 1] > s->both_max)) table++;
    return table;
}

/* Candidates to pairs. A place that is not one (the tables were changed by somebody) leads nowhere. */
static void settle(struct search *s) {
    const struct pdq_rows *ring = s->ring;
    size_t count = 0;
    for (size_t i = 0; i < s->candidate_count; i++) {
        struct candidate one = s->candidates[i];
        one.at = s->tables->places[one.table * ring->count + one.at];
        if (one.at >= ring->count) continue;
        PREFETCH(&ring->rows[one.at]);
        s->candidates[count++] = one;
    }
    for (size_t i = 0; i < count; i++) {
        const struct candidate *one = &s->candidates[i];
        const struct pdq_row *row = &ring->rows[one->at], *query = &s->queries[one->query];
        const unsigned distance = bits_between(row, query);
        if (distance <= s->radius && !is_dead(ring, one->at) && first_table(s, row, query) == one->table)
            report(s, ring, one->at, one->query, distance);
    }
    s->candidate_count = 0;
}

/* What is looked for in a table: whose it is, where it stands, the word that follows the key. */
struct wanted {
    uint32_t query, table;
    const uint16_t *nexts;
    const uint32_t *places;
    pdq_word next;
};

static inline struct wanted wanted_by(const struct search *s, size_t query, uint32_t table) {
    return (struct wanted){(uint32_t)query, table, s->tables->nexts + table * s->ring->count,
                           s->tables->places + table * s->ring->count,
                           pdq_word_of((uint16_t)word_of(&s->queries[query], (table + 1) % PDQ_WORDS))};
}

static void remember(struct search *s, const struct wanted *wanted, uint32_t at, uint32_t near) {
    for (; near; near &= near - 1) {
        const uint32_t hit = at + (uint32_t)__builtin_ctz(near);
        PREFETCH(wanted->places + hit);
        s->candidates[s->candidate_count++] = (struct candidate){wanted->query, wanted->table, hit};
        if (s->candidate_count == CANDIDATES) settle(s);
    }
}

struct span {
    uint32_t begin, end;
};

/* Where a key's hashes stand; never outside the table, whatever the offsets say. */
static inline struct span span_of(const uint32_t *offsets, uint32_t key, uint32_t count) {
    struct span span = {offsets[key], offsets[key + 1]};
    if (span.end > count) span.end = count;
    if (span.begin > span.end) span.begin = span.end;
    return span;
}

/* The following words of a key's hashes. An empty span is looked at too: that is cheaper than to ask. */
static inline void scan(struct search *s, const struct wanted *wanted, struct span span, unsigned budget) {
    uint32_t at = span.begin;
    do {
        const uint32_t left = span.end - at;
        uint32_t near = pdq_near(wanted->nexts + at, wanted->next, budget);
        if (left < 32) near &= (UINT32_C(1) << left) - 1;
        if (near) remember(s, wanted, at, near);
        at += 32;
    } while (at < span.end);
}

/* A query in a table. `is_open`: it has not stopped. */
struct visit {
    uint32_t query, table, key;
    const uint32_t *offsets;
    int is_open;
};

static inline struct visit visit_to(const struct search *s, size_t query, uint32_t table) {
    const struct visit visit = {(uint32_t)query, table, word_of(&s->queries[query], table),
                                s->tables->offsets + (size_t)table * PDQ_OFFSETS, 1};
    for (int line = 0; line < s->lines; line++) PREFETCH(visit.offsets + (visit.key ^ s->line_masks[line]));
    return visit;
}

static void stop(struct search *s, uint32_t query, uint32_t table) {
    if (s->stopped_at[query] == PDQ_WORDS) s->stopped_at[query] = (uint8_t)table;
}

/* Where the visit's keys stand, and that they are asked for ahead. */
static inline void find_spans(struct search *s, struct visit *visit, struct span *spans) {
    const uint32_t count = (uint32_t)s->ring->count;
    const uint16_t *nexts = s->tables->nexts + visit->table * s->ring->count;
    const int probes = s->probes;
    uint64_t met = 0;
    for (int probe = 0; probe < probes; probe++) {
        const struct span span = span_of(visit->offsets, visit->key ^ s->masks[probe], count);
        spans[probe] = span;
        met += span.end - span.begin;
        PREFETCH(nexts + span.begin);
        PREFETCH(nexts + span.end);
        if (span.end - span.begin > 32)
            for (uint32_t at = span.begin + 32; at < span.end && at < span.begin + AHEAD_MAX; at += 32)
                PREFETCH(nexts + at);
    }
    s->met[visit->query] += met;
    if (s->met[visit->query] > s->ring->count / 2) {
        stop(s, visit->query, visit->table);
        visit->is_open = 0;
    }
}

/* Up to VISITS at once. */
static void visit_all(struct search *s, struct visit *visits, int count) {
    struct span spans[VISITS][PROBES_MAX];
    for (int i = 0; i < count; i++) find_spans(s, &visits[i], spans[i]);
    for (int i = 0; i < count; i++) {
        if (!visits[i].is_open) continue;
        const struct wanted wanted = wanted_by(s, visits[i].query, visits[i].table);
        const int probes = s->probes;
        for (int probe = 0; probe < probes; probe++) scan(s, &wanted, spans[i][probe], s->budgets[probe]);
    }
    if (s->candidate_count > CANDIDATES_ENOUGH) settle(s);
}

static void search_one_by_one(struct search *s) {
    struct visit visits[VISITS];
    for (size_t query = 0; query < s->m; query++) {
        for (uint32_t table = 0; table < PDQ_WORDS; table++) visits[table] = visit_to(s, query, table);
        visit_all(s, visits, PDQ_WORDS);
    }
}

static void search_batch(struct search *s) {
    struct visit visits[VISITS];
    for (uint32_t table = 0; table < PDQ_WORDS; table++) {
        int count = 0;
        for (size_t query = 0; query < s->m; query++) {
            if (s->stopped_at[query] == PDQ_WORDS) visits[count++] = visit_to(s, query, table);
            if (count == VISITS || query + 1 == s->m) {
                visit_all(s, visits, count);
                count = 0;
            }
        }
        settle(s);
    }
}

/* The wishes of queries from `first` on in one table, by key: whose they are and what is left for the next word. */
struct wishes {
    uint32_t *ends;    /* PDQ_KEYS + 1: of a key, its first wish; once sorted, the one after its last */
    uint32_t *wishes;  /* (query - first) × 256 + budget */
};

static void gather_wishes(const struct search *s, size_t first, size_t last, uint32_t table, struct wishes *wishes) {
    memset(wishes->ends, 0, PDQ_OFFSETS * sizeof *wishes->ends);
    for (size_t query = first; query < last; query++)
        for (int probe = 0; probe < s->probes && s->stopped_at[query] == PDQ_WORDS; probe++)
            wishes->ends[(word_of(&s->queries[query], table) ^ s->masks[probe]) + 1]++;
    for (int key = 0; key < PDQ_KEYS; key++) wishes->ends[key + 1] += wishes->ends[key];
    for (size_t query = first; query < last; query++)
        for (int probe = 0; probe < s->probes && s->stopped_at[query] == PDQ_WORDS; probe++) {
            const uint32_t key = word_of(&s->queries[query], table) ^ s->masks[probe];
            wishes->wishes[wishes->ends[key]++] = (uint32_t)(query - first) << 8 | s->budgets[probe];
        }
}

/* Each key of each table once, with all queries that want it, while its hashes are close. */
static int join(struct search *s) {
    const size_t most = s->m < JOIN_QUERIES_MAX ? s->m : JOIN_QUERIES_MAX;
    struct wishes wishes = {malloc(PDQ_OFFSETS * sizeof *wishes.ends),
                            malloc(most * (size_t)s->probes * sizeof *wishes.wishes)};
    const int is_room = wishes.ends && wishes.wishes;
    for (size_t first = 0; is_room && first < s->m; first += most) {
        const size_t last = first + most < s->m ? first + most : s->m;
        for (uint32_t table = 0; table < PDQ_WORDS; table++) {
            const uint32_t *offsets = s->tables->offsets + (size_t)table * PDQ_OFFSETS;
            gather_wishes(s, first, last, table, &wishes);
            uint32_t wish = 0;
            for (uint32_t key = 0; key < PDQ_KEYS; key++) {
                const struct span span = span_of(offsets, key, (uint32_t)s->ring->count);
                for (; wish < wishes.ends[key]; wish++) {
                    const uint32_t query = (uint32_t)first + (wishes.wishes[wish] >> 8);
                    s->met[query] += span.end - span.begin;
                    if (s->met[query] > s->ring->count / 2) stop(s, query, table + 1); /* this table is gone through */
                    const struct wanted wanted = wanted_by(s, query, table);
                    scan(s, &wanted, span, wishes.wishes[wish] & 0xFF);
                }
                if (s->candidate_count > CANDIDATES_ENOUGH) settle(s);
            }
            settle(s);
        }
    }
    free(wishes.ends);
    free(wishes.wishes);
    return is_room ? 0 : -1;
}

/* Each of `rows` with each query that still has to see them all; of the ring, what its tables have not reported. */
static void compare_all(struct search *s, const struct pdq_rows *rows, const uint8_t *stopped_at) {
    for (size_t begin = 0; begin < rows->count; begin += ROWS_AT_A_TIME) {
        const size_t end = begin + ROWS_AT_A_TIME < rows->count ? begin + ROWS_AT_A_TIME : rows->count;
        for (size_t query = 0; query < s->m; query++) {
            const unsigned from = stopped_at ? stopped_at[query] : 0;
            if (from == PDQ_WORDS) continue;
            const struct pdq_row wanted = s->queries[query];
            for (size_t place = begin; place < end; place++) {
                const struct pdq_row *row = &rows->rows[place];
                const unsigned half = (unsigned)(__builtin_popcountll(row->part[0] ^ wanted.part[0]) +
                                                 __builtin_popcountll(row->part[1] ^ wanted.part[1]));
                if (half > s->radius) continue; /* nearly all: of 128 bits by chance 31 agree once in 10^9 */
                const unsigned distance = bits_between(row, &wanted);
                if (distance <= s->radius && !is_dead(rows, place) &&
                    (from == 0 || first_table(s, row, &wanted) >= from))
                    report(s, rows, place, query, distance);
            }
        }
    }
}

static void look_under(struct search *s, unsigned mask) {
    const unsigned bits = (unsigned)__builtin_popcount(mask);
    if (bits > s->first_max) return;
    s->masks[s->probes] = (uint16_t)mask;
    s->budgets[s->probes++] = (uint8_t)(s->both_max - bits);
    if (!(mask & 15)) s->line_masks[s->lines++] = (uint16_t)mask;
}

/* The keys to look under: the word itself, then those one bit away, then two, as the radius allows. */
static void plan_probes(struct search *s) {
    s->first_max = s->radius / PDQ_WORDS;
    s->both_max = 2 * s->radius / PDQ_WORDS;
    look_under(s, 0);
    for (int one = 0; one < 16; one++) look_under(s, 1u << one);
    for (int one = 0; one < 16; one++)
        for (int other = 0; other < one; other++) look_under(s, 1u << one | 1u << other);
}

static int search_ring(struct search *s) {
    s->met = calloc(s->m, sizeof *s->met);
    s->stopped_at = malloc(s->m);
    int failed = !s->met || !s->stopped_at;
    if (!failed) {
        memset(s->stopped_at, PDQ_WORDS, s->m);
        if (s->m <= SINGLE_QUERIES_MAX)
            search_one_by_one(s);
        else if (s->m >= JOIN_QUERIES_MIN && s->ring->count >= JOIN_ROWS_MIN)
            failed = join(s);
        else
            search_batch(s);
        settle(s);
        int has_stopped = 0;
        for (size_t query = 0; query < s->m; query++) has_stopped |= s->stopped_at[query] < PDQ_WORDS;
        if (has_stopped && !failed) compare_all(s, s->ring, s->stopped_at);
    }
    free(s->met);
    free(s->stopped_at);
    return failed;
}

int PDQ_SEARCH(const struct pdq_rows *ring, const struct pdq_tables *tables, const struct pdq_rows *tail,
               const struct pdq_row *queries, size_t m, unsigned radius, struct pdq_found *found) {
    struct search s;
    memset(&s, 0, offsetof(struct search, candidates));
    s.ring = ring;
    s.tables = tables;
    s.queries = queries;
    s.m = m;
    s.radius = radius;
    s.candidate_count = 0;
    s.found = found;
    s.failed = 0;
    plan_probes(&s);
    if (m && ring->count && search_ring(&s)) return -1;
    compare_all(&s, tail, NULL);
    return s.failed ? -1 : 0;
}
