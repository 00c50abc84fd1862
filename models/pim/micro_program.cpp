#include "models/pim/micro_program.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace spinvp::pim {

namespace {

bool runs(const Step& step, std::uint64_t scalar) { return step.guard == Step::no_guard || ((scalar >> step.guard) & 1u) != 0; }

// Calls use(row) for every row that the step senses, whether or not it also writes it.
template <typename Use>
void for_each_read(const MicroProgram& program, const Step& step, Use&& use) {
  switch (step.kind) {
    case StepKind::read: use(step.a); break;
    case StepKind::write_copy:
      if (step.masked) use(step.d);  // the other columns keep what they hold
      break;
    case StepKind::write_and:
    case StepKind::write_or:
    case StepKind::write_xor: use(step.d); break;
    case StepKind::set:
    case StepKind::reset:
      if (step.masked)
        for (const KeyedRow& entry : program.list_of(step)) use(entry.row);
      break;
    case StepKind::nor:
      for (const Row row : {step.d, step.a, step.b, step.c})
        if (row != no_row) use(row);
      break;
    case StepKind::search:
      for (const KeyedRow& entry : program.list_of(step)) use(entry.row);
      break;
    case StepKind::combine:
      for (const Row row : {step.a, step.b})
        if (row != no_row) use(row);
      if (step.masked && step.d != no_row) use(step.d);
      break;
  }
}

template <typename Use>
void for_each_write(const MicroProgram& program, const Step& step, Use&& use) {
  switch (step.kind) {
    case StepKind::read:
    case StepKind::search: break;
    case StepKind::set:
    case StepKind::reset:
      for (const KeyedRow& entry : program.list_of(step)) use(entry.row);
      break;
    default:
      if (step.d != no_row) use(step.d);
      break;
  }
}

bool depends_on_latch(std::uint8_t table) { return (table & 0x0f) != (table >> 4); }
constexpr std::uint8_t keeps_latch = 0xf0;  // passes it on without looking

bool uses_latch(const Step& step) {
  switch (step.kind) {
    case StepKind::write_copy:
    case StepKind::write_and:
    case StepKind::write_or:
    case StepKind::write_xor: return true;
    case StepKind::combine: return depends_on_latch(step.f) || (step.g != keeps_latch && depends_on_latch(step.g));
    default: return false;
  }
}

bool has_rows_of_its_kind(const Step& step) {
  switch (step.kind) {
    case StepKind::read: return step.a != no_row;
    case StepKind::nor: return step.d != no_row && step.a != no_row;
    case StepKind::set:
    case StepKind::reset:
    case StepKind::search: return step.list_size > 0;
    case StepKind::combine: return true;
    default: return step.d != no_row;
  }
}

// Whether something was written: always, or by steps under some guards alone, which may be skipped.
class Written {
 public:
  void by(const Step& step) {
    if (step.guard == Step::no_guard)
      always_ = true;
    else
      guards_ |= bit(step);
  }
  [[nodiscard]] bool before(const Step& step) const { return always_ || (step.guard != Step::no_guard && (guards_ & bit(step)) != 0); }

 private:
  static std::uint64_t bit(const Step& step) { return std::uint64_t{1} << step.guard; }
  bool always_ = false;
  std::uint64_t guards_ = 0;
};

bool lists_hold(const MicroProgram& program, const Step& step) { return step.list + std::size_t{step.list_size} <= program.lists.size(); }

// What has been written so far.
class Known {
 public:
  explicit Known(const MicroProgram& program) : program_(program), rows_(program.rows()) {
    const Step first{.kind = StepKind::set};
    for (Row row = 0; row < program.work_first(); ++row)
      if (row < program.d_first() || program.reads_d) rows_[row].by(first);
  }

  // Empty, or what is wrong with the step.
  std::string take(const Step& step) {
    if (!has_rows_of_its_kind(step)) return "names no row";
    if (!lists_hold(program_, step)) return "names rows beyond the program's lists";
    if (step.guard != Step::no_guard && step.guard >= 64) return "is guarded by a bit that no scalar has";
    std::string wrong;
    const auto outside = [&](Row row) {
      if (row >= program_.rows()) wrong = fmt::format("row {} is outside the program's {} rows", row, program_.rows());
    };
    for_each_read(program_, step, outside);
    for_each_write(program_, step, outside);
    if (!wrong.empty()) return wrong;
    for_each_read(program_, step, [&](Row row) {
      if (!rows_[row].before(step) && wrong.empty()) wrong = fmt::format("reads {}, which was never written", program_.row_name(row));
    });
    if (!wrong.empty()) return wrong;
    if (uses_latch(step) && !latch_.before(step)) return "uses the sense latch before a read";
    if (step.masked && !mask_.before(step)) return "is masked before a search";
    for_each_write(program_, step, [&](Row row) {
      if (row < program_.d_first()) wrong = fmt::format("writes the operand {}", program_.row_name(row));
      rows_[row].by(step);
    });
    if (step.kind == StepKind::read || (step.kind == StepKind::combine && step.g != keeps_latch)) latch_.by(step);
    if (step.kind == StepKind::search) mask_.by(step);
    return wrong;
  }

 private:
  const MicroProgram& program_;
  std::vector<Written> rows_;
  Written latch_, mask_;
};

// The destination lies on the operand whose window begins at `first`: no row of that may be read after the result took its place.
tl::expected<void, std::string> check_written_last(const MicroProgram& program, Row first, Row size) {
  std::vector<bool> gone(size, false);
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    std::string wrong;
    for_each_read(program, step, [&](Row row) {
      if (row >= first && row < first + size && gone[static_cast<std::size_t>(row - first)])
        wrong = fmt::format("reads {} after the result was written over it", program.row_name(row));
    });
    if (!wrong.empty()) return tl::make_unexpected(fmt::format("{}: step {} ({}) {}", program.name, i, program.text_of(step), wrong));
    for_each_write(program, step, [&](Row row) {
      if (row >= program.d_first() && row < program.work_first() && row - program.d_first() < size)
        gone[static_cast<std::size_t>(row - program.d_first())] = true;
    });
  }
  return {};
}

}  // namespace

const char* name_of(StepKind kind) {
  static constexpr const char* names[] = {"read", "copy", "and", "or", "xor", "set", "reset", "nor", "search", "combine"};
  return names[static_cast<unsigned>(kind)];
}

StepCounts MicroProgram::count_of(const Step& step) const {
  if (step.joined) return {};
  switch (step.kind) {
    case StepKind::read: return StepCounts::whole(1, 0);
    case StepKind::set:
    case StepKind::reset: return init_is_write ? StepCounts::whole(0, 1) : StepCounts::whole(0, 0, 0, 0, 1);
    case StepKind::nor: return StepCounts::whole(0, 0, 0, 1);
    case StepKind::search: {
      const auto key = list_of(step);
      const bool mixed = std::any_of(key.begin(), key.end(), [&](const KeyedRow& entry) { return entry.bit != key.front().bit; });
      return StepCounts::whole(0, 0, mixed ? 2 : 1);
    }
    case StepKind::combine: return StepCounts::whole(1, step.d != no_row ? 1 : 0);
    default: return StepCounts::whole(0, 1);
  }
}

StepCounts MicroProgram::counts(std::uint64_t scalar) const {
  StepCounts counts;
  for (const Step& step : steps)
    if (runs(step, scalar)) counts += count_of(step);
  return counts;
}

std::vector<std::pair<std::string, StepCounts>> MicroProgram::counts_by_section(std::uint64_t scalar) const {
  std::vector<std::pair<std::string, StepCounts>> counts;
  std::size_t next = 0;
  const auto part = [&](const std::string& section) -> StepCounts& {
    for (auto& [known, sum] : counts)
      if (known == section) return sum;
    return counts.emplace_back(section, StepCounts{}).second;
  };
  std::string section;
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    for (; next < sections.size() && sections[next].first <= i; ++next) section = sections[next].name;
    if (runs(steps[i], scalar)) part(section) += count_of(steps[i]);
  }
  return counts;
}

std::vector<std::uint32_t> MicroProgram::writes_by_row(std::uint64_t scalar) const {
  std::vector<std::uint32_t> writes(rows(), 0);
  for (const Step& step : steps)
    if (runs(step, scalar))
      for_each_write(*this, step, [&](Row row) {
        if (row >= writes.size()) writes.resize(row + std::size_t{1}, 0);
        ++writes[row];
      });
  return writes;
}

std::string MicroProgram::row_name(Row row) const {
  if (row == no_row) return "-";
  if (row < a_rows) return fmt::format("a{}", row);
  if (row < d_first()) return fmt::format("b{}", row - a_rows);
  if (row < work_first()) return fmt::format("d{}", row - d_first());
  return fmt::format("w{}", row - work_first());
}

std::string MicroProgram::text_of(const Step& step) const {
  std::string text = step.joined ? "together: " : "";
  if (step.masked) text += "masked ";
  text += name_of(step.kind);
  switch (step.kind) {
    case StepKind::read: return text + " " + row_name(step.a);
    case StepKind::nor:
      text += fmt::format(" {} <- {}", row_name(step.d), row_name(step.a));
      for (const Row row : {step.b, step.c})
        if (row != no_row) text += " " + row_name(row);
      return text;
    case StepKind::set:
    case StepKind::reset:
      for (const KeyedRow& entry : list_of(step)) text += " " + row_name(entry.row);
      return text;
    case StepKind::search:
      for (const KeyedRow& entry : list_of(step)) text += fmt::format(" {}={}", row_name(entry.row), entry.bit ? 1 : 0);
      return text;
    case StepKind::combine:
      return text + fmt::format(" {} <- f{:02x}({}, {}, latch), latch <- g{:02x}", row_name(step.d), step.f, row_name(step.a), row_name(step.b), step.g);
    default: return text + " latch -> " + row_name(step.d);
  }
}

std::string MicroProgram::listing() const {
  std::string text;
  std::size_t next = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (; next < sections.size() && sections[next].first <= i; ++next) text += fmt::format("# {}\n", sections[next].name);
    const Step& step = steps[i];
    const std::string guard = step.guard == Step::no_guard ? "" : fmt::format("if s{}: ", step.guard);
    text += fmt::format("{:5}  {}{}\n", i, guard, text_of(step));
  }
  return text;
}

tl::expected<void, std::string> check(const MicroProgram& program) {
  Known known(program);
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    if (const std::string wrong = known.take(step); !wrong.empty())
      return tl::make_unexpected(
          fmt::format("{}: step {} ({}) {}", program.name, i, lists_hold(program, step) ? program.text_of(step) : name_of(step.kind), wrong));
  }
  return {};
}

tl::expected<void, std::string> check(const MicroProgram& program, const Placement& placement, unsigned rows) {
  struct Window {
    const char* name;
    unsigned first, size;
  };
  const std::array<Window, 4> windows{{{"operand a", placement.a, program.a_rows},
                                       {"operand b", placement.b, program.b_rows},
                                       {"destination", placement.d, program.d_rows},
                                       {"work rows", placement.work, program.work_rows}}};
  for (const Window& w : windows)
    if (w.first + w.size > rows)
      return tl::make_unexpected(
          fmt::format("{}: {} at rows {} to {} leave the subarray of {} rows", program.name, w.name, w.first, w.first + w.size - 1, rows));
  for (std::size_t i = 0; i < windows.size(); ++i)
    for (std::size_t j = i + 1; j < windows.size(); ++j) {
      const Window &x = windows[i], &y = windows[j];
      const bool apart = x.size == 0 || y.size == 0 || x.first + x.size <= y.first || y.first + y.size <= x.first;
      // Operands may be one and the same; the destination may be one of them.
      const bool same = j < 3 && x.first == y.first && x.size == y.size;
      if (!apart && !same)
        return tl::make_unexpected(
            fmt::format("{}: {} at row {} overlap {} at row {}; allowed is apart or the same rows", program.name, x.name, x.first, y.name, y.first));
    }
  if (auto good = check(program); !good) return good;
  if (placement.d == placement.a)
    if (auto good = check_written_last(program, 0, program.a_rows); !good) return good;
  if (placement.d == placement.b) return check_written_last(program, program.b_first(), program.b_rows);
  return {};
}

MicroProgram place(const MicroProgram& program, const Placement& placement) {
  const auto physical = [&](Row row) -> Row {
    if (row == no_row) return no_row;
    if (row < program.b_first()) return static_cast<Row>(placement.a + row);
    if (row < program.d_first()) return static_cast<Row>(placement.b + row - program.b_first());
    if (row < program.work_first()) return static_cast<Row>(placement.d + row - program.d_first());
    return static_cast<Row>(placement.work + row - program.work_first());
  };
  MicroProgram placed = program;
  for (Step& step : placed.steps)
    for (Row* row : {&step.d, &step.a, &step.b, &step.c}) *row = physical(*row);
  for (KeyedRow& entry : placed.lists) entry.row = physical(entry.row);
  return placed;
}

}  // namespace spinvp::pim
