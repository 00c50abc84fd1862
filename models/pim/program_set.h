// The micro-programs of one family and arithmetic, made when first asked for and kept: every engine, tool and report takes its steps from here.
//
// Rows of the subarray that runs them: window a at 0, b at `window_rows`, d at 2 x window_rows, work rows behind.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "models/pim/float_programs.h"
#include "models/pim/subarray.h"

namespace spinvp::pim {

class ProgramSet {
 public:
  static constexpr Row window_rows = 32;
  static constexpr Placement placement{0, window_rows, 2 * window_rows, 3 * window_rows};

  // `most_work_rows`: what the subarray has; a program that needs more throws core::InputError.
  ProgramSet(const LogicFamily& family, const FloatArithmetic& arithmetic, unsigned most_work_rows, Alignment alignment = Alignment::automatic,
             bool two_destinations = false);

  [[nodiscard]] const LogicFamily& family() const { return family_; }
  [[nodiscard]] const FloatArithmetic& arithmetic() const { return arithmetic_; }
  [[nodiscard]] unsigned rows() const { return 3 * window_rows + most_work_rows_; }
  const RunnableProgram& program(FloatOperation operation, bool scalar = false);
  [[nodiscard]] StepCounts steps(FloatOperation operation, std::optional<std::uint64_t> scalar);
  // The bits that open the guards of program(operation, scalar.has_value()).
  [[nodiscard]] std::uint64_t guards(std::optional<std::uint64_t> scalar) const;
  const RunnableProgram& conversion(FloatFormat from, FloatFormat to);

 private:
  using Key = std::tuple<unsigned, unsigned, unsigned, unsigned, unsigned>;
  const LogicFamily& family_;
  FloatArithmetic arithmetic_;
  unsigned most_work_rows_;
  Alignment alignment_;
  bool two_destinations_;
  std::map<Key, std::unique_ptr<RunnableProgram>> programs_;
  template <typename Make>
  const RunnableProgram& kept(const Key& key, Make&& make);
};

}  // namespace spinvp::pim
