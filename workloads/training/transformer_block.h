// One pre-norm transformer block on the host, forward and backward: what every transformer reference is stacked of. Shape and parameter layout:
// models/abi/transformer_init.h; the order of every sum: arithmetic_policy.h, reference_operators.h and transformer_operators.h.
//
//   middle = x + output(attention(qkv(norm1(x))));  result = middle + ff2(relu(ff1(norm2(middle))))
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/abi/transformer_init.h"
#include "workloads/training/arithmetic_policy.h"
#include "workloads/training/transformer_operators.h"

namespace spinvp::workloads {

// Two tensors of a layer (weight and bias, gain and shift), one behind the other in an array.
template <typename Float>
struct TensorPair {
  TensorPair(std::span<Float> all, std::size_t begin, std::size_t middle, std::size_t end)
      : weight(all.subspan(begin, middle - begin)), bias(all.subspan(middle, end - middle)) {}
  std::span<Float> weight, bias;
};

class TransformerBlock {
 public:
  // `mask`: what is added to the scores of a head, [query][key]; empty: nothing.
  TransformerBlock(const ArithmeticPolicy& policy, std::size_t batch, std::vector<float> mask = {});

  // `parameters` and `gradients`: SPINVP_TRANSFORMER_BLOCK_PARAMETERS floats. The result is valid until the next call.
  std::span<const float> forward(ConstFloats parameters, ConstFloats x);
  // `dstream` holds the gradient of the result of the last forward(), and that of its x at the end. Gradients are overwritten.
  void backward(ConstFloats parameters, Floats gradients, Floats dstream);

 private:
  ArithmeticPolicy policy_;
  std::size_t batch_;
  std::vector<float> mask_;
  std::vector<float> normalized1_, inverse1_, norm1_, qkv_, probabilities_, mixed_, middle_, normalized2_, inverse2_, norm2_, hidden_, result_;
  std::vector<float> dhidden_, dnorm_, dmixed_, dscores_, dqkv_;
};

// All three gradients of a fully connected layer whose y had the gradient dy.
void dense_backward(const ArithmeticPolicy&, const DenseShape&, ConstFloats x, const TensorPair<const float>& parameters, ConstFloats dy,
                    const TensorPair<float>& gradients, Floats dx);

}  // namespace spinvp::workloads
