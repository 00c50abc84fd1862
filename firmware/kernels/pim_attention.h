// The products of multi-head attention on the PIM arrays, forward and backward. Each call adds commands to the PIM's queue and returns.
// fp32; the order of the sums is that of workloads/training/transformer_operators.h: a head's products are formed at once for all
// sequences, one head after the other.
#ifndef SPINVP_FIRMWARE_PIM_ATTENTION_H
#define SPINVP_FIRMWARE_PIM_ATTENTION_H

#include <stdint.h>

// qkv: [sequence][position][3 * width], queries, keys and values side by side, width = heads * head_width.
// scores, probabilities: [head][sequence][query][key]. mixed: [sequence][position][width].
struct pim_attention {
  uint32_t sequences, length, heads, head_width;
};

// scores = q k^T + mask, not scaled (mask [query][key], or null); mixed = probabilities v.
void pim_attention_scores(const struct pim_attention* shape, const float* mask, const float* qkv, float* scores);
void pim_attention_mix(const struct pim_attention* shape, const float* probabilities, const float* qkv, float* mixed);

// dprobabilities = dmixed v^T; the part of dqkv that is dv = probabilities^T dmixed.
void pim_attention_mix_gradient(const struct pim_attention* shape, const float* dmixed, const float* probabilities, const float* qkv, float* dprobabilities,
                                float* dqkv);
// The parts of dqkv that are dq = dscores k and dk = dscores^T q.
void pim_attention_scores_gradient(const struct pim_attention* shape, const float* dscores, const float* qkv, float* dqkv);

#endif
