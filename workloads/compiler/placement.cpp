#include "workloads/compiler/placement.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "workloads/compiler/allocator.h"
#include "workloads/compiler/traffic.h"

namespace spinvp::workloads::compiler {
namespace {

constexpr std::size_t never = ~std::size_t{0};
// A copy on chip is a kernel more.
constexpr std::uint64_t least_saved_by_copy = 64 << 10;

bool is_temporary(const Buffer& b) { return b.kind == BufferKind::temporary && !b.kept && !b.replaces; }

spinvp_npu_descriptor copy_command(const Buffer& buffer) {
  spinvp_npu_descriptor d{};
  d.operation = SPINVP_NPU_COPY;
  d.format = static_cast<std::uint32_t>(buffer.format == Format::bf16 ? Format::bf16 : Format::fp32);
  d.count = buffer.elements;
  return d;
}

Kernel copy_kernel(const Draft& draft, BufferId from, BufferId to, const Kernel& beside) {
  const std::uint64_t elements = draft.buffer(from).elements;
  return {.name = draft.buffer(from).name + ".copy",
          .layer = beside.layer,
          .phase = beside.phase,
          .descriptor = copy_command(draft.buffer(from)),
          .operands = {{&spinvp_npu_descriptor::a, from, 0, elements, true, false}, {&spinvp_npu_descriptor::c, to, 0, elements, false, true}}};
}

// First and last kernel that touch each buffer, and its readers and writers.
struct Uses {
  std::vector<std::size_t> first, last;
  std::vector<std::vector<std::size_t>> readers, writers;
  explicit Uses(const Draft& draft)
      : first(draft.buffers.size(), never), last(draft.buffers.size(), 0), readers(draft.buffers.size()), writers(draft.buffers.size()) {
    for (std::size_t k = 0; k < draft.kernels.size(); ++k)
      draft.kernels[k].for_each_access([&](BufferId id, bool written) {
        const std::size_t i = index(id);
        first[i] = std::min(first[i], k);
        last[i] = k;
        auto& list = written ? writers[i] : readers[i];
        if (list.empty() || list.back() != k) list.push_back(k);
      });
  }
};

// Buffers that share a place are one group.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t find(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t i, std::size_t into) { parent_[find(i)] = find(into); }

 private:
  std::vector<std::size_t> parent_;
};

// Whether a kernel that reads `from` may write `to` in its place: point by point the same element, and nothing else of it.
bool in_step(const Draft& draft, const Kernel& kernel, BufferId from, BufferId to) {
  if (draft.buffer(from).elements != draft.buffer(to).elements || draft.buffer(from).format != draft.buffer(to).format) return false;
  if (kernel.descriptor.operation == SPINVP_NPU_SOFTMAX_FORWARD || kernel.descriptor.operation == SPINVP_NPU_SOFTMAX_BACKWARD) {
    return std::all_of(kernel.operands.begin(), kernel.operands.end(), [&](const Operand& o) { return (o.buffer != from && o.buffer != to) || o.offset == 0; });
  }
  if (!kernel.is_map()) return false;
  const Program& p = *kernel.program;
  const Stream* out = nullptr;
  for (const Stream& s : p.outputs)
    if (s.buffer == to) out = out == nullptr ? &s : nullptr;
  if (out == nullptr) return false;
  return std::all_of(p.inputs.begin(), p.inputs.end(),
                     [&](const Stream& s) { return s.buffer != from || (s.offset == out->offset && s.stride == out->stride && s.format == out->format); });
}

class Placer {
 public:
  Placer(Draft& draft, const Machine& machine, const CompileOptions& options) : draft_(draft), machine_(machine), options_(options) {}

  Placement run() {
    renew_stored();
    {
      const Uses uses(draft_);
      Groups groups = in_place(uses);
      collect(uses, groups);
      if (options_.residency && machine_.onchip.bytes > 0) choose_on_chip(uses);
      place_in_dram();
      placement_.places.resize(draft_.buffers.size());
      for (std::size_t i = 0; i < draft_.buffers.size(); ++i) {
        const Block& block = blocks_[groups.find(i)];
        placement_.places[i].address = block.address;
        placement_.places[i].on_chip = block.on_chip;
      }
    }
    insert_copies();
    const Uses uses(draft_);
    for (std::size_t i = 0; i < draft_.buffers.size(); ++i) {
      Place& place = placement_.places[i];
      place.used = uses.first[i] != never || draft_.buffers[i].kept || draft_.buffers[i].kind == BufferKind::stored;
      place.first = uses.first[i] == never ? 0 : uses.first[i];
      place.last = uses.last[i];
    }
    return std::move(placement_);
  }

 private:
  struct Block {
    std::uint64_t bytes = 0, address = 0, traffic = 0;
    std::size_t first = never, last = 0;
    bool temporary = true, on_chip = false, used = false;
  };
  // For the on-chip memory: a block, or a copy of a stored buffer.
  struct Candidate {
    std::size_t block = 0;
    std::optional<BufferId> copies = {};
    std::uint64_t bytes = 0, saved = 0;
    std::size_t first = 0, last = 0;
    std::vector<std::size_t> readers = {};
  };
  Draft& draft_;
  const Machine& machine_;
  const CompileOptions& options_;
  Placement placement_;
  std::vector<std::size_t> renewed_at_;            // the kernel that writes a stored buffer's new value over it
  std::vector<Block> blocks_;                      // by buffer; those of a group in its first member
  std::vector<double> time_;                       // before each kernel
  std::vector<std::vector<std::uint64_t>> reads_;  // bytes that the readers of each buffer take, as Uses lists them
  // What is stored or fed and read several times in a step may be brought on chip once, before its first reader.
  struct Copy {
    BufferId from = {};
    std::uint64_t address = 0;
    std::vector<std::size_t> readers = {};
  };
  std::vector<Copy> copies_;

  // A new value that cannot be written over the old one is copied there at the end.
  void renew_stored() {
    const Uses uses(draft_);
    std::vector<Kernel> copies;
    for (std::size_t i = 0; i < draft_.buffers.size(); ++i) {
      Buffer& fresh = draft_.buffers[i];
      if (!fresh.replaces) continue;
      const BufferId id{static_cast<std::uint32_t>(i)}, old = *fresh.replaces;
      const auto& writers = uses.writers[i];
      const auto& readers = uses.readers[index(old)];
      bool over = writers.size() == 1;
      for (const std::size_t reader : readers)
        over = over && (reader < writers[0] || (reader == writers[0] && in_step(draft_, draft_.kernels[reader], old, id)));
      if (over) continue;
      fresh.replaces.reset();
      copies.push_back(copy_kernel(draft_, id, old, draft_.kernels.at(writers.at(0))));
      copies.back().phase = Phase::update;
    }
    for (Kernel& kernel : copies) draft_.kernels.push_back(std::move(kernel));
  }

  Groups in_place(const Uses& uses) {
    Groups groups(draft_.buffers.size());
    for (std::size_t i = 0; i < draft_.buffers.size(); ++i)
      if (draft_.buffers[i].replaces) groups.join(i, index(*draft_.buffers[i].replaces));
    std::vector<bool> taken(draft_.buffers.size(), false);
    for (std::size_t k = 0; k < draft_.kernels.size(); ++k) {
      std::vector<BufferId> ends, begins;
      draft_.kernels[k].for_each_access([&](BufferId id, bool written) {
        const std::size_t i = index(id);
        if (!is_temporary(draft_.buffers[i])) return;
        if (!written && uses.last[i] == k && !taken[i]) ends.push_back(id);
        if (written && uses.first[i] == k && uses.writers[i].size() == 1) begins.push_back(id);
      });
      for (const BufferId to : begins)
        for (const BufferId from : ends) {
          if (taken[index(from)] || !in_step(draft_, draft_.kernels[k], from, to)) continue;
          taken[index(from)] = true;
          groups.join(index(to), index(from));
          break;
        }
    }
    return groups;
  }

  void collect(const Uses& uses, Groups& groups) {
    blocks_.assign(draft_.buffers.size(), {});
    for (std::size_t i = 0; i < draft_.buffers.size(); ++i) {
      const Buffer& b = draft_.buffers[i];
      Block& block = blocks_[groups.find(i)];
      block.bytes = std::max(block.bytes, b.bytes());
      block.temporary = block.temporary && is_temporary(b);
      if (uses.first[i] == never && !b.kept && b.kind != BufferKind::stored) continue;
      block.used = true;
      block.first = std::min(block.first, uses.first[i]);
      block.last = std::max(block.last, uses.last[i]);
    }
    time_.assign(draft_.kernels.size() + 1, 0);
    reads_.resize(draft_.buffers.size());
    for (std::size_t k = 0; k < draft_.kernels.size(); ++k) {
      std::uint64_t moved = 0;
      for (const Access& a : accesses(draft_, draft_.kernels[k], machine_)) {
        blocks_[groups.find(index(a.buffer))].traffic += a.read + a.written;
        moved += a.read + a.written;
        if (a.read > 0) reads_[index(a.buffer)].push_back(a.read);
      }
      time_[k + 1] = time_[k] + static_cast<double>(std::max(moved, macs_of(draft_.kernels[k].descriptor) / 64)) + 1;
    }
  }

  // Readers that may take a copy: all but the one that writes the new value over the old one.
  std::optional<Candidate> copy_of(const Uses& uses, std::size_t i) const {
    const Buffer& b = draft_.buffers[i];
    if (b.kind == BufferKind::temporary || b.weights || b.format == Format::bytes || uses.readers[i].size() < 1 || reads_[i].size() != uses.readers[i].size())
      return std::nullopt;
    Candidate c{.copies = BufferId{static_cast<std::uint32_t>(i)}, .bytes = b.bytes()};
    std::uint64_t read = 0;
    for (std::size_t r = 0; r < uses.readers[i].size(); ++r) {
      const std::size_t k = uses.readers[i][r];
      if (renewed_at_.size() > i && renewed_at_[i] == k) continue;
      c.readers.push_back(k);
      read += reads_[i][r];
    }
    if (read < c.bytes + least_saved_by_copy) return std::nullopt;
    c.first = c.readers.front();
    c.last = c.readers.back();
    c.saved = read - c.bytes;
    return c;
  }

  void choose_on_chip(const Uses& uses) {
    renewed_at_.assign(draft_.buffers.size(), never);
    for (std::size_t i = 0; i < draft_.buffers.size(); ++i)
      if (draft_.buffers[i].replaces && !uses.writers[i].empty()) renewed_at_[index(*draft_.buffers[i].replaces)] = uses.writers[i][0];
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const Block& b = blocks_[i];
      if (b.used && b.temporary && b.bytes > 0)
        candidates.push_back({.block = i, .bytes = b.bytes, .saved = b.traffic, .first = b.first, .last = b.last});
      else if (auto copy = copy_of(uses, i))
        candidates.push_back(*std::move(copy));
    }
    // No one order is best for every network: the one that saves most is taken.
    Chosen best;
    for (const auto& [by_bytes, by_time] : {std::pair{1.0, 1.0}, {1.0, 0.5}, {0.5, 1.0}, {0.5, 0.5}, {1.0, 0.0}, {0.0, 1.0}, {0.0, 0.0}}) {
      Chosen chosen = chosen_by(candidates, by_bytes, by_time);
      if (chosen.saved > best.saved) best = std::move(chosen);
    }
    for (const auto& [i, offset] : best.offsets) {
      const Candidate& c = candidates[i];
      const std::uint64_t address = machine_.onchip.base + offset;
      if (c.copies) {
        copies_.push_back({*c.copies, address, c.readers});
      } else {
        blocks_[c.block].on_chip = true;
        blocks_[c.block].address = address;
      }
    }
    placement_.onchip_bytes = best.used;
  }

  struct Chosen {
    std::uint64_t saved = 0, used = 0;
    std::vector<std::pair<std::size_t, std::uint64_t>> offsets = {};  // candidate, place
  };
  // Takes candidates as long as they find a gap, by what they save over bytes^by_bytes time^by_time, the most first.
  Chosen chosen_by(const std::vector<Candidate>& candidates, double by_bytes, double by_time) const {
    std::vector<std::pair<double, std::size_t>> order;
    const auto power = [](double value, double exponent) { return exponent == 0 ? 1.0 : exponent == 0.5 ? std::sqrt(value) : value; };
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const Candidate& c = candidates[i];
      const double held = power(static_cast<double>(c.bytes), by_bytes) * power(time_[c.last + 1] - time_[c.first], by_time);
      order.emplace_back(static_cast<double>(c.saved) / held, i);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    Chosen chosen;
    Allocator memory(machine_.onchip.bytes);
    for (const auto& [worth, i] : order) {
      const Candidate& c = candidates[i];
      if (c.bytes > machine_.onchip.bytes) continue;
      const auto offset = memory.place(c.bytes, c.first, c.last);
      if (!offset) continue;
      chosen.offsets.emplace_back(i, *offset);
      chosen.saved += c.saved;
    }
    chosen.used = memory.used();
    return chosen;
  }

  void insert_copies() {
    std::vector<std::vector<Kernel>> before(draft_.kernels.size());
    for (const Copy& copy : copies_) {
      Buffer buffer{.name = draft_.buffer(copy.from).name, .format = draft_.buffer(copy.from).format, .elements = draft_.buffer(copy.from).elements};
      const BufferId to = draft_.add(std::move(buffer));
      placement_.places.push_back({.address = copy.address, .on_chip = true});
      before[copy.readers.front()].push_back(copy_kernel(draft_, copy.from, to, draft_.kernels[copy.readers.front()]));
      for (const std::size_t k : copy.readers) {
        Kernel& reader = draft_.kernels[k];
        for (Operand& o : reader.operands)
          if (o.buffer == copy.from && o.read) o.buffer = to;
        if (reader.program)
          for (Stream& s : reader.program->inputs)
            if (s.buffer == copy.from) s.buffer = to;
      }
    }
    std::vector<Kernel> kernels;
    for (std::size_t k = 0; k < draft_.kernels.size(); ++k) {
      for (Kernel& copy : before[k]) kernels.push_back(std::move(copy));
      kernels.push_back(std::move(draft_.kernels[k]));
    }
    draft_.kernels = std::move(kernels);
  }

  void place_in_dram() {
    std::uint64_t at = 0;
    for (Block& b : blocks_)
      if (b.used && !b.temporary) {
        at = aligned(at, alignment_in_dram(b.bytes));
        b.address = machine_.dram.base + at;
        at += aligned(b.bytes);
      }
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < blocks_.size(); ++i)
      if (blocks_[i].used && blocks_[i].temporary && !blocks_[i].on_chip) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return blocks_[a].bytes > blocks_[b].bytes; });
    at = aligned(at, stripe_alignment);
    Allocator memory(std::uint64_t{1} << 62);
    for (const std::size_t i : order)
      blocks_[i].address = machine_.dram.base + at + *memory.place(blocks_[i].bytes, blocks_[i].first, blocks_[i].last, alignment_in_dram(blocks_[i].bytes));
    placement_.temporary_bytes = memory.used();
    placement_.dram_bytes = at + memory.used();
  }
};

}  // namespace

Placement place(Draft& draft, const Machine& machine, const CompileOptions& options) { return Placer(draft, machine, options).run(); }

}  // namespace spinvp::workloads::compiler
