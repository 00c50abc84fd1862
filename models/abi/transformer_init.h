// The transformer block of the app transformer_block_pim: its task, how its parameters lie in memory and what they are at step 0.
// Valid C11 and C++: firmware and host reference take all of it from this one header, so both start from the same bits.
//
// The network (one pre-norm block, fp32; Vaswani et al., "Attention Is All You Need", 2017, with the norms in front as in Xiong et
// al., "On Layer Normalization in the Transformer Architecture", 2020):
//   x = token[t] + position[i];  y = x + output(attention(qkv(norm1(x))));  z = y + ff2(relu(ff1(norm2(y))));  logits = head(z)
// Parameters are one array of floats in the order of the offsets below (in floats from its start); weights are [output][input], a
// layer's bias follows its weight, a norm's shift its gain. The rows of qkv are all queries, all keys, all values, each head by head.
//
// The task: each position says which token is the most frequent of its sequence (the smallest of equally frequent ones). A position
// sees only its own token, so what the others hold must come through the attention.
#ifndef SPINVP_ABI_TRANSFORMER_INIT_H
#define SPINVP_ABI_TRANSFORMER_INIT_H

#include "models/abi/counter_hash.h"

#define SPINVP_TRANSFORMER_LENGTH       16u  // tokens of a sequence
#define SPINVP_TRANSFORMER_WIDTH        32u
#define SPINVP_TRANSFORMER_HEADS        2u
#define SPINVP_TRANSFORMER_HEAD_WIDTH   16u
#define SPINVP_TRANSFORMER_QKV          96u  // 3 * width
#define SPINVP_TRANSFORMER_FEED_FORWARD 64u
#define SPINVP_TRANSFORMER_TOKENS       8u  // different tokens, which are the classes too

#define SPINVP_TRANSFORMER_SCALE   0.25f           // 1 / sqrt(head width)
#define SPINVP_TRANSFORMER_EPSILON 9.99999975e-6f  // added to the variance of a layer norm

// What the app does where nobody says otherwise.
#define SPINVP_TRANSFORMER_BATCH          8u
#define SPINVP_TRANSFORMER_DEFAULT_STEPS  60u
#define SPINVP_TRANSFORMER_TEST_SEQUENCES 64u

// 0.2, and less for the noisier gradients of less than 8 sequences (how it was chosen: workloads/README.md).
static inline float spinvp_transformer_default_learning_rate(uint32_t batch) { return batch < 8u ? (float)batch * 0.025f : 0.2f; }

#define SPINVP_TRANSFORMER_TOKEN_OFFSET         0u
#define SPINVP_TRANSFORMER_POSITION_OFFSET      256u
#define SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET    768u
#define SPINVP_TRANSFORMER_NORM1_SHIFT_OFFSET   800u
#define SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET    832u
#define SPINVP_TRANSFORMER_QKV_BIAS_OFFSET      3904u
#define SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET 4000u
#define SPINVP_TRANSFORMER_OUTPUT_BIAS_OFFSET   5024u
#define SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET    5056u
#define SPINVP_TRANSFORMER_NORM2_SHIFT_OFFSET   5088u
#define SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET    5120u
#define SPINVP_TRANSFORMER_FF1_BIAS_OFFSET      7168u
#define SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET    7232u
#define SPINVP_TRANSFORMER_FF2_BIAS_OFFSET      9280u
#define SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET   9312u
#define SPINVP_TRANSFORMER_HEAD_BIAS_OFFSET     9568u
#define SPINVP_TRANSFORMER_PARAMETERS           9576u

// The block's own parameters lie between those of the embedding and of the head: a tensor's offset, less that of the first, is its place in a block.
#define SPINVP_TRANSFORMER_BLOCK_OFFSET     SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET
#define SPINVP_TRANSFORMER_BLOCK_PARAMETERS (SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET - SPINVP_TRANSFORMER_BLOCK_OFFSET)

// Which of a seed's streams the start values and the sequences are drawn from.
#define SPINVP_TRANSFORMER_PARAMETER_STREAM 11u
#define SPINVP_TRANSFORMER_SEQUENCE_STREAM  12u
#define SPINVP_TRANSFORMER_TEST_STREAM      13u

#define SPINVP_TRANSFORMER_BOUND_OF_32 0.306186229f  // sqrt(3 / 32)
#define SPINVP_TRANSFORMER_BOUND_OF_64 0.216506347f  // sqrt(3 / 64)

// Value `index` of the stream `key`, uniform in [-bound, bound). The upper 24 bits of the hash, less 2^23 and times 2^-23, are an exact float: the product with
// the bound is the only rounding.
static inline float spinvp_transformer_uniform(uint64_t key, uint32_t index, float bound) {
  const int32_t centred = (int32_t)(spinvp_counter_hash(key, index) >> 40) - 8388608;
  return (float)centred * 1.1920928955078125e-7f * bound;
}

// Start value of parameter `index`, which is value `drawn` of its stream. Gains 1, biases and shifts 0; the others uniform in [-bound, bound): embeddings with
// bound 1, weights with sqrt(3 / inputs), that is a variance of 1 / inputs (models/abi/lenet_init.h tells why).
static inline float spinvp_transformer_start_value(uint64_t key, uint32_t drawn, uint32_t index) {
  const struct {
    uint32_t end;
    float constant, bound;
  } parts[] = {{SPINVP_TRANSFORMER_NORM1_GAIN_OFFSET, 0.0f, 1.0f},
               {SPINVP_TRANSFORMER_NORM1_SHIFT_OFFSET, 1.0f, 0.0f},
               {SPINVP_TRANSFORMER_QKV_WEIGHT_OFFSET, 0.0f, 0.0f},
               {SPINVP_TRANSFORMER_QKV_BIAS_OFFSET, 0.0f, SPINVP_TRANSFORMER_BOUND_OF_32},
               {SPINVP_TRANSFORMER_OUTPUT_WEIGHT_OFFSET, 0.0f, 0.0f},
               {SPINVP_TRANSFORMER_OUTPUT_BIAS_OFFSET, 0.0f, SPINVP_TRANSFORMER_BOUND_OF_32},
               {SPINVP_TRANSFORMER_NORM2_GAIN_OFFSET, 0.0f, 0.0f},
               {SPINVP_TRANSFORMER_NORM2_SHIFT_OFFSET, 1.0f, 0.0f},
               {SPINVP_TRANSFORMER_FF1_WEIGHT_OFFSET, 0.0f, 0.0f},
               {SPINVP_TRANSFORMER_FF1_BIAS_OFFSET, 0.0f, SPINVP_TRANSFORMER_BOUND_OF_32},
               {SPINVP_TRANSFORMER_FF2_WEIGHT_OFFSET, 0.0f, 0.0f},
               {SPINVP_TRANSFORMER_FF2_BIAS_OFFSET, 0.0f, SPINVP_TRANSFORMER_BOUND_OF_64},
               {SPINVP_TRANSFORMER_HEAD_WEIGHT_OFFSET, 0.0f, 0.0f},
               {SPINVP_TRANSFORMER_HEAD_BIAS_OFFSET, 0.0f, SPINVP_TRANSFORMER_BOUND_OF_32},
               {SPINVP_TRANSFORMER_PARAMETERS, 0.0f, 0.0f}};
  unsigned part = 0;
  while (index >= parts[part].end) ++part;
  return parts[part].bound == 0.0f ? parts[part].constant : spinvp_transformer_uniform(key, drawn, parts[part].bound);
}

// Start value of parameter `index` of the app.
static inline float spinvp_transformer_initial_parameter(uint32_t seed, uint32_t index) {
  return spinvp_transformer_start_value(spinvp_counter_hash(seed, SPINVP_TRANSFORMER_PARAMETER_STREAM), index, index);
}

// The tokens of sequence `index` of a stream into tokens[length]; returns the most frequent one. One token is drawn for the sequence; a position holds it
// with probability 3/8, and any token else.
static inline uint8_t spinvp_transformer_sequence(uint32_t seed, uint32_t stream, uint32_t index, uint8_t* tokens) {
  const uint64_t key = spinvp_counter_hash(spinvp_counter_hash(seed, stream), index);
  const uint8_t favoured = (uint8_t)(spinvp_counter_hash(key, SPINVP_TRANSFORMER_LENGTH) % SPINVP_TRANSFORMER_TOKENS);
  uint32_t seen[SPINVP_TRANSFORMER_TOKENS] = {0};
  for (uint32_t i = 0; i < SPINVP_TRANSFORMER_LENGTH; ++i) {
    const uint64_t hash = spinvp_counter_hash(key, i);
    tokens[i] = hash % 8u < 3u ? favoured : (uint8_t)((hash >> 8) % SPINVP_TRANSFORMER_TOKENS);
    ++seen[tokens[i]];
  }
  uint8_t most = 0;
  for (uint8_t token = 1; token < SPINVP_TRANSFORMER_TOKENS; ++token)
    if (seen[token] > seen[most]) most = token;
  return most;
}

#endif
