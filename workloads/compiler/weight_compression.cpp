#include "workloads/compiler/weight_compression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace spinvp::workloads::compiler {
namespace {

constexpr std::size_t most = SPINVP_NPU_MOST_SLICE;
using Vector = std::array<double, most>;
using Matrix = std::array<Vector, most>;

constexpr int real_rounds = 8, stored_rounds = 4, sweeps = 2;

double dot(const Vector& a, const Vector& b, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// Solves the symmetric system by elimination with pivots; what a vanishing pivot leaves open is 0.
Vector solved(Matrix m, Vector right, std::size_t n) {
  std::array<bool, most> open{};
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(m[i][i]));
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < n; ++r)
      if (std::fabs(m[r][c]) > std::fabs(m[pivot][c])) pivot = r;
    if (!(std::fabs(m[pivot][c]) > 1e-12 * largest)) {
      open[c] = true;
      continue;
    }
    std::swap(m[pivot], m[c]);
    std::swap(right[pivot], right[c]);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double factor = m[r][c] / m[c][c];
      for (std::size_t k = c; k < n; ++k) m[r][k] -= factor * m[c][k];
      right[r] -= factor * right[c];
    }
  }
  Vector x{};
  for (std::size_t c = 0; c < n; ++c) x[c] = open[c] ? 0 : right[c] / m[c][c];
  return x;
}

struct Basis {
  int scale = 0;
  std::array<std::array<int, most>, most> value{};
  [[nodiscard]] Matrix real(std::size_t rank, std::size_t slice) const {
    Matrix b{};
    for (std::size_t r = 0; r < rank; ++r)
      for (std::size_t j = 0; j < slice; ++j) b[r][j] = std::ldexp(value[r][j], scale);
    return b;
  }
};

struct Row {
  Basis basis;
  std::vector<std::array<std::uint8_t, most>> codes;  // of kept pieces
  std::vector<Vector> pieces;                         // what these are rebuilt to
  double error = std::numeric_limits<double>::infinity();
};

// Of one row: the pieces that have coefficients, fitted.
class Fit {
 public:
  Fit(const spinvp_npu_weights& form, std::vector<Vector> pieces)
      : rank_(form.rank), slice_(form.slice), pieces_(std::move(pieces)), coefficients_(pieces_.size()), bits_(form.coefficient_bits) {
    const std::uint32_t nothing = (1u << (bits_ - 1)) - 1;
    levels_.assign(std::size_t{1} << bits_, 0);
    for (std::uint32_t code = 0; code < levels_.size(); ++code)
      if ((code & nothing) != nothing) levels_[code] = std::ldexp((code >> (bits_ - 1)) != 0 ? -1.0 : 1.0, -static_cast<int>(code & nothing));
    nothing_ = nothing;
  }

  Row run() {
    for (std::size_t r = 0; r < rank_; ++r) basis_[r][r] = 1;
    for (int round = 0; round < real_rounds; ++round) {
      fit_coefficients(basis_);
      fit_basis();
    }
    Row best;
    for (int round = 0; round < stored_rounds; ++round) {
      fit_coefficients(basis_);
      normalise();
      Row now = stored();
      for (std::size_t p = 0; p < pieces_.size(); ++p)
        for (std::size_t r = 0; r < rank_; ++r) coefficients_[p][r] = levels_[now.codes[p][r]];
      if (now.error < best.error) best = std::move(now);
      fit_basis();
    }
    return best;
  }

 private:
  std::size_t rank_, slice_;
  std::vector<Vector> pieces_, coefficients_;
  unsigned bits_;
  std::uint32_t nothing_ = 0;
  std::vector<double> levels_;  // by code
  Matrix basis_{};

  void fit_coefficients(const Matrix& basis) {
    Matrix gram{};
    for (std::size_t r = 0; r < rank_; ++r)
      for (std::size_t q = 0; q < rank_; ++q) gram[r][q] = dot(basis[r], basis[q], slice_);
    for (std::size_t p = 0; p < pieces_.size(); ++p) {
      Vector right{};
      for (std::size_t r = 0; r < rank_; ++r) right[r] = dot(basis[r], pieces_[p], slice_);
      coefficients_[p] = solved(gram, right, rank_);
    }
  }
  void fit_basis() {
    Matrix gram{};
    for (const Vector& c : coefficients_)
      for (std::size_t r = 0; r < rank_; ++r)
        for (std::size_t q = 0; q < rank_; ++q) gram[r][q] += c[r] * c[q];
    Matrix fitted{};
    for (std::size_t j = 0; j < slice_; ++j) {
      Vector right{};
      for (std::size_t p = 0; p < pieces_.size(); ++p)
        for (std::size_t r = 0; r < rank_; ++r) right[r] += coefficients_[p][r] * pieces_[p][j];
      const Vector column = solved(gram, right, rank_);
      for (std::size_t r = 0; r < rank_; ++r) fitted[r][j] = column[r];
    }
    basis_ = fitted;
  }
  // Coefficients are at most 1: what they lose in size the basis wins.
  void normalise() {
    for (std::size_t r = 0; r < rank_; ++r) {
      double largest = 0;
      for (const Vector& c : coefficients_) largest = std::max(largest, std::fabs(c[r]));
      if (largest == 0) continue;
      for (Vector& c : coefficients_) c[r] /= largest;
      for (std::size_t j = 0; j < slice_; ++j) basis_[r][j] *= largest;
    }
  }

  [[nodiscard]] Basis rounded_basis() const {
    double largest = 0;
    for (std::size_t r = 0; r < rank_; ++r)
      for (std::size_t j = 0; j < slice_; ++j) largest = std::max(largest, std::fabs(basis_[r][j]));
    Basis basis;
    if (largest == 0) return basis;
    (void)std::frexp(largest / 127.5, &basis.scale);  // the least power of two with which the largest rounds to 127 at most
    basis.scale = std::clamp(basis.scale, -128, 127);
    for (std::size_t r = 0; r < rank_; ++r)
      for (std::size_t j = 0; j < slice_; ++j)
        basis.value[r][j] = static_cast<int>(std::clamp(std::nearbyint(std::ldexp(basis_[r][j], -basis.scale)), -127.0, 127.0));
    return basis;
  }

  [[nodiscard]] std::uint8_t nearest(double wanted) const {
    std::uint32_t best = nothing_;
    for (std::uint32_t code = 0; code < levels_.size(); ++code)
      if (std::fabs(levels_[code] - wanted) < std::fabs(levels_[best] - wanted)) best = code;
    return static_cast<std::uint8_t>(best);
  }

  // The basis and coefficients of now as they are stored: each coefficient the best one beside the others.
  [[nodiscard]] Row stored() const {
    Row row;
    row.basis = rounded_basis();
    row.codes.resize(pieces_.size());
    row.pieces.resize(pieces_.size());
    row.error = 0;
    const Matrix basis = row.basis.real(rank_, slice_);
    for (std::size_t p = 0; p < pieces_.size(); ++p) {
      for (std::size_t r = 0; r < rank_; ++r) row.codes[p][r] = nearest(coefficients_[p][r]);
      const auto rest = [&](std::size_t without) {
        Vector left = pieces_[p];
        for (std::size_t r = 0; r < rank_; ++r)
          if (r != without)
            for (std::size_t j = 0; j < slice_; ++j) left[j] -= levels_[row.codes[p][r]] * basis[r][j];
        return left;
      };
      for (int sweep = 0; sweep < sweeps; ++sweep)
        for (std::size_t r = 0; r < rank_; ++r) {
          const double square = dot(basis[r], basis[r], slice_);
          row.codes[p][r] = square > 0 ? nearest(dot(rest(r), basis[r], slice_) / square) : static_cast<std::uint8_t>(nothing_);
        }
      const Vector left = rest(rank_);
      row.error += dot(left, left, slice_);
      for (std::size_t j = 0; j < slice_; ++j) {
        double sum = 0;
        for (std::size_t r = 0; r < rank_; ++r) sum += levels_[row.codes[p][r]] * basis[r][j];
        row.pieces[p][j] = sum;
      }
    }
    return row;
  }
};

class BitWriter {
 public:
  explicit BitWriter(std::uint8_t* to) : to_(to) {}
  void put(std::uint32_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i, ++at_) to_[at_ / 8] = static_cast<std::uint8_t>(to_[at_ / 8] | (value >> i & 1) << (at_ % 8));
  }

 private:
  std::uint8_t* to_;
  std::size_t at_ = 0;
};

// In each group those of the largest norm, ascending.
std::vector<std::size_t> kept_pieces(const spinvp_npu_weights& form, const std::vector<Vector>& pieces, std::size_t first) {
  const std::size_t count = std::min<std::size_t>(form.group, pieces.size() - first);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), first);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return dot(pieces[a], pieces[a], form.slice) > dot(pieces[b], pieces[b], form.slice); });
  order.resize(std::min<std::size_t>(form.kept, count));
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace

std::vector<std::uint8_t> header_of(const spinvp_npu_weights& form) {
  std::vector<std::uint8_t> bytes(SPINVP_NPU_WEIGHTS_DATA, 0);
  std::memcpy(bytes.data(), &form, sizeof form);
  return bytes;
}

CompressedWeights compress(const spinvp_npu_weights& form, std::span<const float> weights) {
  CompressedWeights result{header_of(form), std::vector<float>(weights.size(), 0.0f), 0, 0};
  result.bytes.resize(spinvp_npu_weights_bytes(&form), 0);
  const std::uint64_t basis_bytes = spinvp_npu_weights_basis_bytes(&form), group_bytes = spinvp_npu_weights_group_bytes(&form),
                      groups = spinvp_npu_weights_groups(&form);
  std::uint8_t* const bases = result.bytes.data() + SPINVP_NPU_WEIGHTS_DATA;
  std::uint8_t* const all_groups = bases + form.rows * basis_bytes;
  for (std::uint64_t row = 0; row < form.rows; ++row) {
    const auto of_row = weights.subspan(row * form.units, form.units);
    std::vector<Vector> pieces((form.units + form.slice - 1) / form.slice);
    for (std::size_t i = 0; i < of_row.size(); ++i) pieces[i / form.slice][i % form.slice] = of_row[i];
    std::vector<std::size_t> kept;
    std::vector<std::vector<std::size_t>> kept_of_group;
    for (std::size_t first = 0; first < pieces.size(); first += form.group) {
      kept_of_group.push_back(kept_pieces(form, pieces, first));
      kept.insert(kept.end(), kept_of_group.back().begin(), kept_of_group.back().end());
    }
    std::vector<Vector> fitted;
    for (const std::size_t piece : kept) fitted.push_back(pieces[piece]);
    const Row best = Fit(form, std::move(fitted)).run();
    std::uint8_t* basis = bases + row * basis_bytes;
    *basis++ = static_cast<std::uint8_t>(best.basis.scale);
    for (std::size_t r = 0; r < form.rank; ++r)
      for (std::size_t j = 0; j < form.slice; ++j) *basis++ = static_cast<std::uint8_t>(best.basis.value[r][j]);
    std::size_t next = 0;
    for (std::uint64_t g = 0; g < groups; ++g) {
      BitWriter writer(all_groups + (row * groups + g) * group_bytes);
      std::uint32_t mask = 0;
      for (const std::size_t piece : kept_of_group[g]) mask |= 1u << (piece - g * form.group);
      writer.put(mask, form.group);
      for (const std::size_t piece : kept_of_group[g]) {
        for (std::size_t r = 0; r < form.rank; ++r) writer.put(best.codes[next][r], form.coefficient_bits);
        for (std::size_t j = 0; j < form.slice && piece * form.slice + j < form.units; ++j)
          result.values[row * form.units + piece * form.slice + j] = static_cast<float>(best.pieces[next][j]);
        ++next;
      }
    }
    for (std::size_t i = 0; i < of_row.size(); ++i) {
      const double off = static_cast<double>(of_row[i]) - static_cast<double>(result.values[row * form.units + i]);
      result.difference += off * off;
      result.norm += static_cast<double>(of_row[i]) * static_cast<double>(of_row[i]);
    }
  }
  return result;
}

}  // namespace spinvp::workloads::compiler
