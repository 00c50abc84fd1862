/* Commands of the NPU: fixed-size descriptors in a ring in memory. Valid C11 and C++.
 *
 * Firmware fills descriptors, writes the ring's base and size to the NPU's registers, and the new tail index to its doorbell. The NPU takes them in
 * order; each is complete (its results in memory) before the next begins. `status` is written back.
 * Tensors are dense, row-major (NCHW for images), at any 4-byte aligned address on the bus (`aux` bytes: at any address); element type by `format`, accumulation always fp32.
 * Every sum is a chain of fused multiply-adds in ascending k from +0 (ACCUMULATE: from c); then + bias in fp32, if there is one; then ReLU, if asked for; then one rounding to the output
 * format, nearest even. Taps of a convolution that fall into the padding are +0 and part of the chain. A NaN that comes out of arithmetic is 0x7fc00000 (bf16: 0x7fc0).
 * Operations on `count` elements may work in place (c equal to a or b); any other overlap of c with an input leaves c undefined. Nothing may overlap the scratch region.
 * Limits, beyond which a descriptor is BAD_SHAPE: 4 GiB a tensor, 2^40 multiply-accumulates (configurable) and 2^26 passes of the array a job, 2^20 softmax columns,
 * 256 elements a pooling window. */
#ifndef SPINVP_ABI_NPU_H
#define SPINVP_ABI_NPU_H

#include <assert.h>
#include <stdint.h>

enum spinvp_npu_operation {
  SPINVP_NPU_NOP = 0,
  /* c[m][n] = sum_k A(m,k) B(k,n) (+ bias[n]); a is m x k, or k x m with TRANSPOSE_A; b is k x n, or n x k with TRANSPOSE_B. */
  SPINVP_NPU_GEMM = 1,
  /* x[batch][in_channels][in_h][in_w], w[out_channels][in_channels][kernel_h][kernel_w], y[batch][out_channels][out_h][out_w], out: see pad_top below. With groups, w[out_channels][in_channels / groups][kernel_h][kernel_w], and group g takes its share of the channels of x to its share of those of y. */
  SPINVP_NPU_CONV_FORWARD = 2,         /* c = y, a = x, b = w, bias[out_channels] or 0; k = (ci, ky, kx) */
  SPINVP_NPU_CONV_DATA_GRADIENT = 3,   /* c = dx, a = dy, b = w; k = (co, ky, kx); taps outside dy or between strides add a fused 0 */
  SPINVP_NPU_CONV_WEIGHT_GRADIENT = 4, /* c = dw, a = x, b = dy; k = (n, oy, ox) */
  /* Vector unit. `count` elements unless shapes are named. */
  SPINVP_NPU_BIAS_GRADIENT =
      5, /* c[channels]: plain sums of a = dy[batch][channels][spatial] in ascending (n, position); channels = out_channels, spatial = out_h * out_w */
  SPINVP_NPU_RELU_FORWARD = 6,  /* c[i] = a[i] > 0 ? a[i] : 0 */
  SPINVP_NPU_RELU_BACKWARD = 7, /* c[i] = b[i] > 0 ? a[i] : 0; a = dy, b = the forward result */
  /* Windows kernel_h x kernel_w, steps stride_h, stride_w, no dilation; padding never wins; the first maximum in scan order does. */
  SPINVP_NPU_MAXPOOL_FORWARD =
      8, /* c = y[batch][in_channels][out_h][out_w], a = x[batch][in_channels][in_h][in_w]; aux = winners, uint8_t index ky * kernel_w + kx, one an output */
  SPINVP_NPU_MAXPOOL_BACKWARD = 9, /* c = dx, a = dy, aux = winners of the forward pass (one outside its window: BAD_SHAPE);
                                   an input takes its first gradient as it is and adds further ones (overlapping windows) in ascending output order */
  /* a = logits[m][n], aux = labels uint8_t[m], c = dlogits[m][n], bias = address of one float: the mean loss. Always fp32. Each row, j ascending:
   * largest x; e_j = exp(x_j - largest); sum of e_j from +0; p_j = e_j / sum; c_j = (p_j - onehot_j) * (1/m); loss = log(sum) - (x_label - largest). Mean loss: (sum over rows from +0) * (1/m).
   * exp and log: models/abi/elementary.h. A label that is not below n: BAD_SHAPE. */
  SPINVP_NPU_SOFTMAX_CROSS_ENTROPY = 10,
  SPINVP_NPU_SGD_UPDATE = 11, /* c[i] = fma(-scalar, a[i], c[i]), one rounding to the format; a = gradient, c = weights */
  SPINVP_NPU_COPY = 12,       /* c[i] = a[i]; with CONVERT the source is the other format (fp32 <-> bf16, nearest even) */
  /* c[m][n] from a[m][n], each row: x_j = a_j * scalar; e_j = exp(x_j - largest x); c_j = e_j / (sum of e_j from +0, j ascending). Each step rounded in fp32, the
   * result to the format. May work in place. */
  SPINVP_NPU_SOFTMAX_FORWARD = 13,
  /* a = dp, b = p (the forward result): each row, g = sum of dp_j * p_j from +0, j ascending, product and sum rounded; c_j = p_j * (dp_j - g) * scalar. May work in
   * place of a or b. */
  SPINVP_NPU_SOFTMAX_BACKWARD = 14,
  /* aux = address of a struct spinvp_npu_map (npu_map.h), which says all of it. */
  SPINVP_NPU_MAP = 15,
  SPINVP_NPU_REDUCE = 16,
  /* c[i][0..n) = a[index_i][0..n) for i < m; aux = int32 indices of m elements; a has k rows; a negative index counts from the end, one out of range: BAD_SHAPE. */
  SPINVP_NPU_GATHER = 17,
  /* c[index_i][j] += a[i][j], i ascending, each sum rounded to the format; c has k rows. */
  SPINVP_NPU_SCATTER_ADD = 18,
  /* Windows and padding as in MAXPOOL_FORWARD; the sum of a window's taps inside the image (plain, ascending from +0), divided by their number, or by kernel_h * kernel_w with COUNT_PADDING. */
  SPINVP_NPU_AVERAGEPOOL_FORWARD = 19,
  /* c = dx, a = dy: an input sums, in ascending output order from +0, each dy divided by what its window was divided by. */
  SPINVP_NPU_AVERAGEPOOL_BACKWARD = 20
};

enum spinvp_npu_format { SPINVP_NPU_FP32 = 0, SPINVP_NPU_BF16 = 1 };

/* flags */
#define SPINVP_NPU_TRANSPOSE_A 1u
#define SPINVP_NPU_TRANSPOSE_B 2u
#define SPINVP_NPU_ACCUMULATE  4u /* GEMM and the convolutions: the chain starts at c */
#define SPINVP_NPU_CONVERT     8u
#define SPINVP_NPU_INTERRUPT   16u /* raise the interrupt when this one is done; an error always does */
#define SPINVP_NPU_FUSE_RELU   32u /* GEMM and CONV_FORWARD: c = max(result, 0) after the bias */
#define SPINVP_NPU_SHARED_B    64u /* GEMM: all products of the batch have the same b */
/* GEMM and CONV_FORWARD: aux = address of a struct spinvp_npu_map without `reduced`, applied to each result (after bias and ReLU, before it is rounded to the format) on its way out. Its axes are those of c: (batch,) m, n of a GEMM;
 * batch, out_channels, out_h * out_w of a convolution. Register 0 is the result and has no stream; its inputs fill registers 1, 2, ...; register result[0] goes to c, it has no output streams. */
#define SPINVP_NPU_EPILOGUE 128u
/* Tensors have no values: time, traffic and energy as ever, nothing is computed; what is read counts as 0, what is written is not stored. aux of MAP, REDUCE and EPILOGUE is real. GATHER and SCATTER_ADD take row spinvp_counter_hash(0, i) mod k (counter_hash.h): which rows real indices name decides their time. */
#define SPINVP_NPU_PHANTOM       256u
#define SPINVP_NPU_COUNT_PADDING 512u  /* AVERAGEPOOL */
#define SPINVP_NPU_INT32_LABELS  1024u /* SOFTMAX_CROSS_ENTROPY: aux holds int32 labels, 4-byte aligned */

/* status, written back */
enum spinvp_npu_status {
  SPINVP_NPU_PENDING = 0,
  SPINVP_NPU_DONE = 1,
  SPINVP_NPU_BAD_OPERATION = 2, /* unknown operation, format or flag */
  SPINVP_NPU_BAD_SHAPE =
      3, /* a zero or absurd dimension, sizes that contradict each other, a kernel larger than its padded input; a label or a winner out of range */
  SPINVP_NPU_BAD_ADDRESS = 4, /* misaligned, not answered by the bus, or inside the scratch that the job needs */
  SPINVP_NPU_NO_SPACE = 5     /* not even one tile fits the on-chip scratch region */
};

struct spinvp_npu_descriptor {
  uint32_t operation; /* enum spinvp_npu_operation */
  uint32_t format;    /* enum spinvp_npu_format */
  uint32_t flags;
  uint32_t status;
  uint64_t a, b, c, bias, aux;
  uint32_t m, n, k;                        /* GEMM; m, n of softmax */
  uint32_t batch, in_channels, in_h, in_w; /* batch of a GEMM: that many products, one behind the other in a, b and c; 0 is 1 */
  uint32_t out_channels, out_h, out_w;
  uint32_t kernel_h, kernel_w;
  uint16_t stride_h, stride_w, pad_top,
      pad_left; /* the padding below and to the right follows from out_h and out_w; it is less than a (dilated) kernel and a stride together, less one */
  uint64_t count;
  float scalar;
  uint16_t groups;                /* of a convolution; 0 is 1 */
  uint8_t dilation_h, dilation_w; /* 0 is 1 */
};

static_assert(sizeof(struct spinvp_npu_descriptor) == 128, "layout of spinvp_npu_descriptor");

#endif
