/* The kernels without Python, to be built with sanitizers: `check SEED` compares every path with plain comparison,
 * `fuzz SECONDS SEED` hands over tables that hold anything, `scarce` takes away memory, one request after the other.
 * 0: nothing was found. Linked with --wrap for malloc, calloc and realloc. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pdq.h"

static uint64_t state;
static long granted = -1; /* requests for memory that are still met; below 0: all */

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static int is_granted(void) {
    if (granted > 0) granted--;
    else if (granted == 0) return 0;
    return 1;
}

void *__wrap_malloc(size_t bytes) { return is_granted() ? __real_malloc(bytes) : NULL; }

void *__wrap_calloc(size_t count, size_t bytes) { return is_granted() ? __real_calloc(count, bytes) : NULL; }

void *__wrap_realloc(void *old, size_t bytes) { return is_granted() ? __real_realloc(old, bytes) : NULL; }

static uint64_t any(void) { /* splitmix64 */
    uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static size_t below(size_t bound) { return bound ? (size_t)(any() % bound) : 0; }

static void *room(size_t bytes) { /* exactly as much, so that one byte more is seen */
    void *got = malloc(bytes ? bytes : 1);
    if (!got) abort();
    return got;
}

static void fill(void *to, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) ((uint8_t *)to)[i] = (uint8_t)any();
}

static struct pdq_row turned(struct pdq_row row, size_t bits) {
    for (size_t i = 0; i < bits; i++) {
        const size_t bit = below(256);
        row.part[bit / 64] ^= UINT64_C(1) << (bit % 64);
    }
    return row;
}

enum kind { SCATTERED, CROWDED, EQUAL, KINDS };

static void make_rows(struct pdq_row *rows, size_t count, enum kind kind, size_t turns) {
    struct pdq_row centres[3];
    state = state / 7 * 7; /* queries and hashes of one round share their centres */
    const uint64_t before = state;
    state = 42;
    fill(centres, sizeof centres);
    state = before;
    for (size_t i = 0; i < count; i++) {
        rows[i] = turned(centres[kind == EQUAL ? 0 : below(3)], kind == EQUAL ? 0 : below(turns));
        if (kind == SCATTERED && below(3)) fill(&rows[i], sizeof rows[i]);
    }
}

struct world {
    struct pdq_rows ring, tail;
    struct pdq_tables tables;
    struct pdq_row *ring_rows, *tail_rows, *queries;
    void *ring_ids;
    uint64_t *tail_ids;
    uint8_t *dead;
    size_t m;
};

static struct world make_world(size_t count, size_t tail_count, size_t m, enum kind kind) {
    struct world w = {.m = m};
    const size_t id_bytes = below(2) ? 4 : 8;
    w.ring_rows = room(count * sizeof *w.ring_rows);
    w.tail_rows = room(tail_count * sizeof *w.tail_rows);
    w.queries = room(m * sizeof *w.queries);
    w.ring_ids = room(count * id_bytes);
    w.tail_ids = room(tail_count * sizeof *w.tail_ids);
    w.dead = below(2) ? room((count + 7) / 8) : NULL;
    w.tables = (struct pdq_tables){room((size_t)PDQ_WORDS * PDQ_OFFSETS * 4), room((PDQ_WORDS * count + PDQ_PAD) * 2),
                                   room(PDQ_WORDS * count * 4)};
    make_rows(w.ring_rows, count, kind, 60);
    make_rows(w.tail_rows, tail_count, kind, 60);
    make_rows(w.queries, m, kind, 40);
    fill(w.ring_ids, count * id_bytes);
    fill(w.tail_ids, tail_count * sizeof *w.tail_ids);
    if (w.dead) fill(w.dead, (count + 7) / 8);
    w.ring = (struct pdq_rows){count, w.ring_rows, w.ring_ids, id_bytes, w.dead};
    w.tail = (struct pdq_rows){tail_count, w.tail_rows, w.tail_ids, 8, NULL};
    uint64_t *scratch = room(count * sizeof *scratch);
    pdq_build(w.ring_rows, count, &w.tables, scratch);
    free(scratch);
    return w;
}

static void end_world(struct world *w) {
    free(w->ring_rows), free(w->tail_rows), free(w->queries), free(w->ring_ids), free(w->tail_ids), free(w->dead);
    free(w->tables.offsets), free(w->tables.nexts), free(w->tables.places);
}

static int by_order(const void *one, const void *other) {
    const struct pdq_pair *a = one, *b = other;
    return a->key != b->key ? (a->key < b->key ? -1 : 1) : a->id < b->id ? -1 : a->id > b->id;
}

static void compare(const struct pdq_rows *rows, const struct world *w, unsigned radius, struct pdq_pair *to,
                    size_t *count) {
    for (size_t query = 0; query < w->m; query++)
        for (size_t place = 0; place < rows->count; place++) {
            unsigned distance = 0;
            for (int part = 0; part < 4; part++)
                distance += (unsigned)__builtin_popcountll(rows->rows[place].part[part] ^ w->queries[query].part[part]);
            if (distance > radius || (rows->dead && (rows->dead[place / 8] >> (place % 8) & 1))) continue;
            const uint64_t id = rows->id_bytes == 4 ? ((const uint32_t *)rows->ids)[place]
                                                    : ((const uint64_t *)rows->ids)[place];
            to[(*count)++] = (struct pdq_pair){(uint64_t)query << 8 | distance, id};
        }
}

static int is_equal(const struct world *w, unsigned radius, int path) {
    struct pdq_found found = {NULL, 0, 0};
    struct pdq_pair *wanted = room(w->m * (w->ring.count + w->tail.count) * sizeof *wanted);
    size_t count = 0;
    compare(&w->ring, w, radius, wanted, &count);
    compare(&w->tail, w, radius, wanted, &count);
    qsort(wanted, count, sizeof *wanted, by_order);
    if (pdq_search((enum pdq_path)path, &w->ring, &w->tables, &w->tail, w->queries, w->m, radius, &found)) abort();
    if (pdq_sort(&found)) abort();
    const int equal = found.count == count && (!count || !memcmp(found.pairs, wanted, count * sizeof *wanted));
    if (!equal)
        printf("path %d, radius %u, %zu + %zu hashes, %zu queries: %zu pairs, not %zu\n", path, radius, w->ring.count,
               w->tail.count, w->m, found.count, count);
    free(found.pairs);
    free(wanted);
    return equal;
}

static int check(void) {
    static const size_t COUNTS[] = {0, 1, 31, 33, 300, 700}, QUERIES[] = {0, 1, 8, 9, 50};
    static const unsigned RADII[] = {0, 1, 15, 16, 31, 32, 47};
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++)
            for (size_t j = 0; j < sizeof QUERIES / sizeof *QUERIES; j++) {
                struct world w = make_world(COUNTS[i], below(40), QUERIES[j], (enum kind)kind);
                int is_good = pdq_is_sound(&w.tables, COUNTS[i]);
                for (size_t r = 0; is_good && r < sizeof RADII / sizeof *RADII; r++)
                    for (int path = 0; is_good && path < PDQ_PATHS; path++)
                        is_good = !pdq_can((enum pdq_path)path) || is_equal(&w, RADII[r], path);
                end_world(&w);
                if (!is_good) return 1;
            }
    return 0;
}

/* Tables as a broken file would have them: a few bytes changed, or all of them. */
static void spoil(struct world *w) {
    const size_t sizes[] = {(size_t)PDQ_WORDS * PDQ_OFFSETS * 4, PDQ_WORDS * w->ring.count * 2,
                            PDQ_WORDS * w->ring.count * 4};
    void *const parts[] = {w->tables.offsets, w->tables.nexts, w->tables.places};
    for (int part = 0; part < 3; part++) {
        if (!sizes[part]) continue;
        if (below(4) == 0) fill(parts[part], sizes[part]);
        for (size_t i = below(2000); i > 0; i--) ((uint8_t *)parts[part])[below(sizes[part])] = (uint8_t)any();
    }
}

static int fuzz(double seconds) {
    const time_t end = time(NULL) + (time_t)seconds;
    size_t rounds = 0;
    for (; time(NULL) < end; rounds++) {
        struct world w = make_world(below(600), below(30), below(60), (enum kind)below(KINDS));
        spoil(&w);
        pdq_is_sound(&w.tables, w.ring.count);
        for (int path = 0; path < PDQ_PATHS; path++) {
            struct pdq_found found = {NULL, 0, 0};
            const unsigned radius = (unsigned)below(PDQ_RADIUS_MAX + 1);
            if (!pdq_can((enum pdq_path)path)) continue;
            if (pdq_search((enum pdq_path)path, &w.ring, &w.tables, &w.tail, w.queries, w.m, radius, &found) ||
                pdq_sort(&found))
                abort();
            for (size_t i = 0; i < found.count; i++)
                if ((found.pairs[i].key & 0xFF) > radius || found.pairs[i].key >> 8 >= w.m) return 1;
            free(found.pairs);
        }
        end_world(&w);
    }
    printf("%zu rounds\n", rounds);
    return rounds == 0;
}

/* A search that fails for want of memory says so; with one more request met each time, it once succeeds. */
static int scarce(void) {
    static const size_t QUERIES[] = {1, 9, 50};
    for (size_t j = 0; j < sizeof QUERIES / sizeof *QUERIES; j++) {
        struct world w = make_world(700, 60, QUERIES[j], EQUAL);
        int failed = 1, tries = 0;
        for (; failed; tries++) {
            struct pdq_found found = {NULL, 0, 0};
            granted = tries;
            failed = pdq_search(PDQ_PORTABLE, &w.ring, &w.tables, &w.tail, w.queries, w.m, 31, &found) ||
                     pdq_sort(&found);
            const int is_used_up = granted == 0;
            granted = -1;
            free(found.pairs);
            if (failed && !is_used_up) return 1;
        }
        end_world(&w);
        if (tries < 5) return 1;
    }
    return 0;
}

static int check_spread(void) {
    struct pdq_row *spread = room(PDQ_SPREAD_ROWS * sizeof *spread), hash, bits;
    fill(spread, PDQ_SPREAD_ROWS * sizeof *spread);
    fill(&hash, sizeof hash);
    struct pdq_row wanted = {{0, 0, 0, 0}};
    for (int half = 0; half < 64; half++)
        for (int part = 0; part < 4; part++)
            wanted.part[part] |= spread[half * 16 + (hash.part[half / 16] >> (half % 16 * 4) & 15)].part[part];
    pdq_spread(spread, &hash, 1, &bits);
    free(spread);
    return memcmp(&wanted, &bits, sizeof bits) != 0;
}

int main(int count, char **words) {
    if (count == 3 && !strcmp(words[1], "check")) {
        state = strtoull(words[2], NULL, 10);
        return check() || check_spread();
    }
    if (count == 4 && !strcmp(words[1], "fuzz")) {
        state = strtoull(words[3], NULL, 10);
        return fuzz(strtod(words[2], NULL));
    }
    if (count == 2 && !strcmp(words[1], "scarce")) return scarce();
    return 2;
}
