#include "tests/reference/transformer_double.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace spinvp::reference {
namespace {

constexpr std::size_t length = 16, width = 32, heads = 2;

using Values = std::vector<double>;
using Rows = std::array<Values, length>;

// Reads the parameters one tensor after the other.
class Reader {
 public:
  explicit Reader(const double* next) : next_(next) {}
  const double* take(std::size_t count) {
    const double* taken = next_;
    next_ += count;
    return taken;
  }

 private:
  const double* next_;
};

Values normalize(const Values& x, const double* gain, const double* shift) {
  const double count = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / count;
  for (const double value : x) variance += (value - mean) * (value - mean) / count;
  Values y(x.size());
  for (std::size_t c = 0; c < x.size(); ++c) y[c] = (x[c] - mean) / std::sqrt(variance + 1e-5) * gain[c] + shift[c];
  return y;
}

Values connect(const Values& x, std::size_t out, const double* weight, const double* bias) {
  Values y(bias, bias + out);
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += weight[o * x.size() + i] * x[i];
  return y;
}

// What position `i` gathers from the first `seen` positions: qkv rows hold queries, keys and values of `width` channels each.
Values attend(const Rows& qkv, std::size_t i, std::size_t seen) {
  constexpr std::size_t head_width = width / heads;
  Values mixed(width);
  for (std::size_t first = 0; first < width; first += head_width) {
    std::array<double, length> weight{};
    double sum = 0;
    for (std::size_t j = 0; j < seen; ++j) {
      double dot = 0;
      for (std::size_t d = first; d < first + head_width; ++d) dot += qkv[i][d] * qkv[j][width + d];
      weight[j] = std::exp(dot / std::sqrt(static_cast<double>(head_width)));
      sum += weight[j];
    }
    for (std::size_t j = 0; j < seen; ++j)
      for (std::size_t d = first; d < first + head_width; ++d) mixed[d] += weight[j] / sum * qkv[j][2 * width + d];
  }
  return mixed;
}

Values sum_of(Values a, const Values& b) {
  for (std::size_t c = 0; c < a.size(); ++c) a[c] += b[c];
  return a;
}

// A block's tensors, in the order in which they lie.
struct Block {
  explicit Block(Reader& reader)
      : gain1(reader.take(width)),
        shift1(reader.take(width)),
        qkv_weight(reader.take(3 * width * width)),
        qkv_bias(reader.take(3 * width)),
        output_weight(reader.take(width * width)),
        output_bias(reader.take(width)),
        gain2(reader.take(width)),
        shift2(reader.take(width)),
        ff1_weight(reader.take(2 * width * width)),
        ff1_bias(reader.take(2 * width)),
        ff2_weight(reader.take(2 * width * width)),
        ff2_bias(reader.take(width)) {}
  const double *gain1, *shift1, *qkv_weight, *qkv_bias, *output_weight, *output_bias, *gain2, *shift2, *ff1_weight, *ff1_bias, *ff2_weight, *ff2_bias;

  [[nodiscard]] Rows through(const Rows& x, bool causal) const {
    Rows qkv, result;
    for (std::size_t i = 0; i < length; ++i) qkv[i] = connect(normalize(x[i], gain1, shift1), 3 * width, qkv_weight, qkv_bias);
    for (std::size_t i = 0; i < length; ++i) {
      const Values middle = sum_of(x[i], connect(attend(qkv, i, causal ? i + 1 : length), width, output_weight, output_bias));
      Values hidden = connect(normalize(middle, gain2, shift2), 2 * width, ff1_weight, ff1_bias);
      for (double& value : hidden) value = std::max(value, 0.0);
      result[i] = sum_of(middle, connect(hidden, width, ff2_weight, ff2_bias));
    }
    return result;
  }
};

}  // namespace

double transformer_loss(const std::vector<double>& parameters, const std::vector<std::uint8_t>& tokens, const std::vector<std::uint8_t>& labels,
                        const TransformerShape& shape) {
  Reader reader(parameters.data());
  const double *token = reader.take(shape.kinds * width), *position = reader.take(length * width);
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < shape.blocks; ++i) blocks.emplace_back(reader);
  const double *head_weight = reader.take(shape.kinds * width), *head_bias = reader.take(shape.kinds);

  double loss = 0;
  for (std::size_t start = 0; start < tokens.size(); start += length) {
    Rows x;
    for (std::size_t i = 0; i < length; ++i) {
      const double *of_token = token + tokens[start + i] * width, *of_position = position + i * width;
      x[i] = sum_of(Values(of_token, of_token + width), Values(of_position, of_position + width));
    }
    for (const Block& block : blocks) x = block.through(x, shape.causal);
    for (std::size_t i = 0; i < length; ++i) {
      const Values logits = connect(x[i], shape.kinds, head_weight, head_bias);
      double sum = 0;
      for (const double value : logits) sum += std::exp(value);
      loss += std::log(sum) - logits[labels[start + i]];
    }
  }
  return loss / static_cast<double>(tokens.size());
}

}  // namespace spinvp::reference
