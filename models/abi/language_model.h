// The two-layer language model of the app train_transformer: how its parameters lie in memory, what they are at step 0, and how the loader hands over the text.
// Valid C11 and C++: firmware, loader and host reference take all of it from this one header.
//
// The network (decoder only, fp32): x = token[t] + position[i]; two blocks of models/abi/transformer_init.h, one behind the other, each with a mask that lets a
// position see itself and those before it; logits = head(x). Every position predicts the token behind it. Parameters are one array of floats: the embedding's
// tables, the blocks, the head's weight [output][input] and bias, at the offsets below (in floats).
#ifndef SPINVP_ABI_LANGUAGE_MODEL_H
#define SPINVP_ABI_LANGUAGE_MODEL_H

#include "models/abi/transformer_init.h"

#define SPINVP_LANGUAGE_LAYERS 2u
#define SPINVP_LANGUAGE_LENGTH SPINVP_TRANSFORMER_LENGTH  // positions of a sentence; the text holds one token more of each
#define SPINVP_LANGUAGE_TOKENS 16u

#define SPINVP_LANGUAGE_TOKEN_OFFSET       0u
#define SPINVP_LANGUAGE_POSITION_OFFSET    512u
#define SPINVP_LANGUAGE_BLOCKS_OFFSET      1024u
#define SPINVP_LANGUAGE_HEAD_WEIGHT_OFFSET (SPINVP_LANGUAGE_BLOCKS_OFFSET + SPINVP_LANGUAGE_LAYERS * SPINVP_TRANSFORMER_BLOCK_PARAMETERS)
#define SPINVP_LANGUAGE_HEAD_BIAS_OFFSET   (SPINVP_LANGUAGE_HEAD_WEIGHT_OFFSET + 512u)
#define SPINVP_LANGUAGE_PARAMETERS         (SPINVP_LANGUAGE_HEAD_BIAS_OFFSET + SPINVP_LANGUAGE_TOKENS)

// Added to the score of a position that is not to be seen: so far below every score that it swallows it, and that its exponential is +0 after scaling. Finite, as
// arrays with published semantics know no infinity.
#define SPINVP_LANGUAGE_UNSEEN (-1e30f)

// What the app does where nobody says otherwise (how it was chosen: workloads/README.md).
#define SPINVP_LANGUAGE_BATCH                 8u
#define SPINVP_LANGUAGE_DEFAULT_STEPS         200u
#define SPINVP_LANGUAGE_DEFAULT_LEARNING_RATE 0.2f

#define SPINVP_LANGUAGE_PARAMETER_STREAM 14u  // which of a seed's streams the start values are drawn from

// Where the text is: the loader fills the ELF symbol `spinvp_text`, if there is one, before the first instruction. Sentences are uint8_t[count][length + 1] in DRAM.
struct spinvp_text {
  uint64_t train, train_count, test, test_count;
  uint32_t length, tokens;  // tokens predicted of a sentence; different tokens
};

// Start value of parameter `index`: as transformer_init.h's, block by block.
static inline float spinvp_language_initial_parameter(uint32_t seed, uint32_t index) {
  const uint64_t key = spinvp_counter_hash(seed, SPINVP_LANGUAGE_PARAMETER_STREAM);
  if (index < SPINVP_LANGUAGE_BLOCKS_OFFSET) return spinvp_transformer_uniform(key, index, 1.0f);
  if (index < SPINVP_LANGUAGE_HEAD_WEIGHT_OFFSET)
    return spinvp_transformer_start_value(key, index,
                                          SPINVP_TRANSFORMER_BLOCK_OFFSET + (index - SPINVP_LANGUAGE_BLOCKS_OFFSET) % SPINVP_TRANSFORMER_BLOCK_PARAMETERS);
  return index < SPINVP_LANGUAGE_HEAD_BIAS_OFFSET ? spinvp_transformer_uniform(key, index, SPINVP_TRANSFORMER_BOUND_OF_32) : 0.0f;
}

// A number that tells whether two sets of parameters have the same bits: goes on from that of the parameters before `first`, 0 at the start.
static inline uint64_t spinvp_language_fingerprint(uint64_t fingerprint, uint32_t first, const float* parameters, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, parameters + i, sizeof bits);
    fingerprint = spinvp_counter_hash(fingerprint ^ bits, first + i);
  }
  return fingerprint;
}

#endif
