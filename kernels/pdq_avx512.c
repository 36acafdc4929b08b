/* Search with AVX-512 and its counting of bits: Intel since Ice Lake (2019), AMD since Zen 4 (2022). */
#include "pdq.h"
#if PDQ_X86
#define PDQ_SEARCH pdq_search_avx512
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,popcnt,avx512f,avx512bw,avx512vl,avx512bitalg"))), apply_to = function)
#else
#pragma GCC target("avx2,bmi,popcnt,avx512f,avx512bw,avx512vl,avx512bitalg")
#endif
#include <immintrin.h>

typedef __m512i pdq_word;

static inline pdq_word pdq_word_of(uint16_t word) { return _mm512_set1_epi16((short)word); }

/* Which of the 32 words from `at` on differ from `word` in at most `budget` bits: a bit each. */
static inline uint32_t pdq_near(const uint16_t *at, pdq_word word, unsigned budget) {
    const __m512i differ = _mm512_xor_si512(_mm512_loadu_si512(at), word);
    return _mm512_cmple_epu16_mask(_mm512_popcnt_epi16(differ), _mm512_set1_epi16((short)budget));
}

#include "pdq_search.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int pdq_nothing_here;
#endif
