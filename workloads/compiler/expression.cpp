#include "workloads/compiler/expression.h"

#include <algorithm>
#include <bit>

namespace spinvp::workloads::compiler {

namespace {

std::size_t place_of(std::vector<float>& constants, float value) {
  const auto same = [value](float other) { return std::bit_cast<std::uint32_t>(other) == std::bit_cast<std::uint32_t>(value); };
  const auto found = std::find_if(constants.begin(), constants.end(), same);
  if (found != constants.end()) return static_cast<std::size_t>(found - constants.begin());
  constants.push_back(value);
  return constants.size() - 1;
}

// Gives each value a register from the step that makes it to the last one that needs it.
class Registers {
 public:
  Registers(const Expression& expression, const std::vector<Value>& results, std::size_t inputs, std::vector<float>& constants)
      : expression_(expression), constants_(constants), inputs_(inputs, nowhere), steps_(expression.steps().size(), nowhere) {
    last_use_of_inputs_.assign(inputs, unused);
    last_use_of_steps_.assign(expression.steps().size(), unused);
    for (std::size_t i = 0; i < expression.steps().size(); ++i)
      for (const Value v : {expression.steps()[i].left, expression.steps()[i].right, expression.steps()[i].to}) used(v, static_cast<long>(i));
    for (const Value v : results) used(v, forever);
  }

  std::optional<Assigned> run(const std::vector<Value>& results, bool in_order) {
    if (inputs_.size() > SPINVP_NPU_MAP_REGISTERS) return std::nullopt;
    // A finishing step leaves the registers of the results to the values that begin there.
    const std::size_t kept = in_order ? results.size() : 0;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      inputs_[i] = static_cast<int>(i);
      taken_[i] = true;
    }
    for (std::size_t i = 0; i < kept; ++i) taken_[i] = true;
    for (std::size_t i = kept; i < inputs_.size(); ++i)
      if (last_use_of_inputs_[i] == unused) taken_[i] = false;
    kept_ = kept;
    for (std::size_t i = 0; i < expression_.steps().size(); ++i) one(i);
    std::vector<int> places;
    for (const Value v : results) places.push_back(in_order ? source(v) : in_register(v));
    if (in_order) put_in_order(places);
    if (failed_ || steps_out_.size() > SPINVP_NPU_MAP_STEPS || constants_.size() > SPINVP_NPU_MAP_CONSTANTS) return std::nullopt;
    Assigned assigned{std::move(steps_out_), {}};
    for (const int place : places) assigned.results.push_back(static_cast<std::uint8_t>(place));
    return assigned;
  }

 private:
  static constexpr int nowhere = -1;
  static constexpr long unused = -1, forever = 1l << 40;
  const Expression& expression_;
  std::vector<float>& constants_;
  std::vector<int> inputs_, steps_;
  std::vector<long> last_use_of_inputs_, last_use_of_steps_;
  bool taken_[SPINVP_NPU_MAP_REGISTERS] = {};
  std::size_t kept_ = 0;
  bool failed_ = false;
  std::vector<spinvp_npu_map_step> steps_out_;

  long* last_use(Value v) {
    if (v.kind == Value::Kind::input) return &last_use_of_inputs_[v.index];
    if (v.kind == Value::Kind::step) return &last_use_of_steps_[v.index];
    return nullptr;
  }
  void used(Value v, long at) {
    if (long* last = last_use(v)) *last = std::max(*last, at);
  }
  int free_register() {
    for (unsigned i = 0; i < SPINVP_NPU_MAP_REGISTERS; ++i)
      if (!taken_[i]) {
        taken_[i] = true;
        return static_cast<int>(i);
      }
    failed_ = true;
    return 0;
  }
  // A register, or the number of a constant from 16 on.
  int source(Value v) {
    if (v.kind == Value::Kind::input) return inputs_[v.index];
    if (v.kind == Value::Kind::step) return steps_[v.index];
    if (v.kind == Value::Kind::constant) return static_cast<int>(SPINVP_NPU_MAP_REGISTERS + place_of(constants_, expression_.constants()[v.index]));
    return 0;
  }
  void emit(spinvp_npu_map_operation operation, int to, int left, int right) {
    steps_out_.push_back(
        {static_cast<std::uint8_t>(operation), static_cast<std::uint8_t>(to), static_cast<std::uint8_t>(left), static_cast<std::uint8_t>(right)});
  }
  int in_register(Value v) {
    const int from = source(v);
    if (from < static_cast<int>(SPINVP_NPU_MAP_REGISTERS)) return from;
    const int to = free_register();
    emit(SPINVP_NPU_MAP_MOVE, to, from, 0);
    return to;
  }
  void release(Value v, long at) {
    const long* last = last_use(v);
    if (last == nullptr || *last > at) return;
    const int place = source(v);
    if (place >= static_cast<int>(kept_)) taken_[place] = false;
  }
  void one(std::size_t i) {
    const Step& s = expression_.steps()[i];
    const auto now = static_cast<long>(i);
    const int left = source(s.left), right = source(s.right);
    int to = 0;
    if (s.to.kind != Value::Kind::none) {
      const long* last = last_use(s.to);
      to = source(s.to);
      if (last == nullptr || *last > now || to < static_cast<int>(kept_)) {
        const int from = to;
        to = free_register();
        emit(SPINVP_NPU_MAP_MOVE, to, from, 0);
      }
      emit(s.operation, to, left, right);
      for (const Value v : {s.left, s.right})
        if (v != s.to) release(v, now);
    } else {
      release(s.left, now);
      release(s.right, now);
      to = free_register();
      emit(s.operation, to, left, right);
    }
    steps_[i] = to;
    if (last_use_of_steps_[i] == unused && to >= static_cast<int>(kept_)) taken_[to] = false;
  }
  void put_in_order(std::vector<int>& places) {
    // What still stands in another result's register moves out of the way first.
    for (std::size_t o = 0; o < places.size(); ++o)
      if (places[o] != static_cast<int>(o) && places[o] < static_cast<int>(places.size())) {
        const int to = free_register();
        emit(SPINVP_NPU_MAP_MOVE, to, places[o], 0);
        places[o] = to;
      }
    for (std::size_t o = 0; o < places.size(); ++o)
      if (places[o] != static_cast<int>(o)) {
        emit(SPINVP_NPU_MAP_MOVE, static_cast<int>(o), places[o], 0);
        places[o] = static_cast<int>(o);
      }
  }
};

}  // namespace

Value Expression::constant(float value) { return {Value::Kind::constant, static_cast<std::uint32_t>(place_of(constants_, value))}; }

Value Expression::step(spinvp_npu_map_operation operation, Value left, Value right, Value to) {
  const Step wanted{operation, left, right, to};
  const auto found = std::find(steps_.begin(), steps_.end(), wanted);
  if (found != steps_.end()) return {Value::Kind::step, static_cast<std::uint32_t>(found - steps_.begin())};
  steps_.push_back(wanted);
  return {Value::Kind::step, static_cast<std::uint32_t>(steps_.size() - 1)};
}

Value Expression::Renamed::operator()(Value value) const {
  switch (value.kind) {
    case Value::Kind::input: return inputs_[value.index];
    case Value::Kind::constant: return constants_[value.index];
    case Value::Kind::step: return steps_[value.index];
    default: return value;
  }
}

Expression::Renamed Expression::append(const Expression& other, std::vector<Value> inputs) {
  Renamed renamed;
  renamed.inputs_ = std::move(inputs);
  for (const float c : other.constants_) renamed.constants_.push_back(constant(c));
  for (const Step& s : other.steps_) renamed.steps_.push_back(step(s.operation, renamed(s.left), renamed(s.right), renamed(s.to)));
  return renamed;
}

std::optional<Assigned> assign(const Expression& expression, const std::vector<Value>& results, std::size_t inputs, bool results_in_order,
                               std::vector<float>& constants) {
  return Registers(expression, results, inputs, constants).run(results, results_in_order);
}

}  // namespace spinvp::workloads::compiler
