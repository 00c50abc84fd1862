#include "models/riscv/cache.h"

#include <algorithm>
#include <bit>

namespace spinvp::riscv {

bool CacheShape::valid() const {
  if (!on()) return true;
  return std::has_single_bit(line) && ways != 0 && size % (ways * line) == 0 && std::has_single_bit(sets());
}

Cache::Cache(const CacheShape& shape)
    : line_(shape.line),
      ways_(shape.ways),
      set_mask_(shape.sets() - 1),
      line_shift_(static_cast<unsigned>(std::countr_zero(shape.line))),
      tags_(shape.sets() * shape.ways) {}

bool Cache::hit(std::uint64_t address, bool write) {
  const std::uint64_t line = line_of(address);
  const auto set = set_of(address), end = set + static_cast<std::ptrdiff_t>(ways_);
  const auto found = std::find_if(set, end, [line](const Way& way) { return way.line == line; });
  if (found == end) return false;
  ++counts_.hits;
  const Way used{line, write || found->dirty};
  std::move_backward(set, found, found + 1);
  *set = used;
  return true;
}

Cache::Outcome Cache::access(std::uint64_t address, bool write) {
  if (hit(address, write)) return {};
  ++counts_.misses;
  const auto set = set_of(address), end = set + static_cast<std::ptrdiff_t>(ways_);
  const Way& victim = *(end - 1);
  const Outcome outcome{false, victim.line != no_line && victim.dirty, victim.line};
  if (outcome.writes_back) ++counts_.write_backs;
  std::move_backward(set, end - 1, end);
  *set = {line_of(address), write};
  return outcome;
}

void Cache::clear() { std::fill(tags_.begin(), tags_.end(), Way{}); }

void Cache::describe_state(core::StateArchive& archive) {
  archive.shape("ways", tags_.size());
  for (Way& way : tags_) {
    archive.item("line", way.line);
    archive.item("dirty", way.dirty);
  }
  archive.item("hits", counts_.hits);
  archive.item("misses", counts_.misses);
  archive.item("write_backs", counts_.write_backs);
}

}  // namespace spinvp::riscv
