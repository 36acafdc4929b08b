/* Search on any processor. */
#define PDQ_SEARCH pdq_search_portable
#include "pdq.h"

typedef uint16_t pdq_word;

static inline pdq_word pdq_word_of(uint16_t word) { return word; }

/* Which of the 32 words from `at` on differ from `word` in at most `budget` bits: a bit each. Compilers turn the loops
 * into what vectors the processor surely has. */
static inline uint32_t pdq_near(const uint16_t *at, pdq_word word, unsigned budget) {
    uint16_t left[32];
    uint16_t any = 0;
    for (int i = 0; i < 32; i++) left[i] = at[i] ^ word;
    for (unsigned bit = 0; bit < budget; bit++)
        for (int i = 0; i < 32; i++) left[i] &= (uint16_t)(left[i] - 1);
    for (int i = 0; i < 32; i++) any |= (uint16_t)(left[i] == 0);
    if (!any) return 0;
    uint32_t near = 0;
    for (int i = 0; i < 32; i++) near |= (uint32_t)(left[i] == 0) << i;
    return near;
}

#include "pdq_search.h"
