/* Search with AVX2: Intel since 2013, AMD since 2015. */
#include "pdq.h"
#if PDQ_X86
#define PDQ_SEARCH pdq_search_avx2
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,popcnt"))), apply_to = function)
#else
#pragma GCC target("avx2,bmi,popcnt")
#endif
#include <immintrin.h>

typedef __m256i pdq_word;

static inline pdq_word pdq_word_of(uint16_t word) { return _mm256_set1_epi16((short)word); }

/* Which of 16 words differ in at most `budget` bits: that many lowest bits are taken away, and nothing is left. */
static inline __m256i pdq_near_16(const uint16_t *at, pdq_word word, unsigned budget) {
    __m256i left = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)at), word);
    const __m256i minus_one = _mm256_set1_epi16(-1);
    for (unsigned bit = 0; bit < budget; bit++) left = _mm256_and_si256(left, _mm256_add_epi16(left, minus_one));
    return _mm256_cmpeq_epi16(left, _mm256_setzero_si256());
}

/* Which of the 32 words from `at` on do: a bit each. */
static inline uint32_t pdq_near(const uint16_t *at, pdq_word word, unsigned budget) {
    const __m256i both = _mm256_packs_epi16(pdq_near_16(at, word, budget), pdq_near_16(at + 16, word, budget));
    return (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(both, 0xD8));
}

#include "pdq_search.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int pdq_nothing_here;
#endif
