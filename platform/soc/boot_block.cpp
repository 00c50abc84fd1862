#include "platform/soc/boot_block.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "models/abi/language_model.h"
#include "models/core/error.h"
#include "models/core/fields.h"

namespace spinvp::platform {

namespace {

constexpr std::uint64_t page = 4096;

std::uint64_t round_up(std::uint64_t address) { return (address + page - 1) / page * page; }

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// The first memory of a type, or null.
const MemoryRange* memory_of_type(const std::vector<MemoryRange>& memories, const std::string& type) {
  const auto found = std::find_if(memories.begin(), memories.end(), [&](const MemoryRange& m) { return m.type == type; });
  return found == memories.end() ? nullptr : &*found;
}

std::string memory_list(const std::vector<MemoryRange>& memories) {
  std::string text;
  for (const MemoryRange& m : memories) text += fmt::format("{}{} ({:#x}, {})", text.empty() ? "" : ", ", m.name, m.base, core::bytes_text(m.size));
  return text;
}

// The memory of that name that a class of tensors is to lie in.
spinvp_memory memory_named(const std::vector<MemoryRange>& memories, const std::string& name, spinvp_tensor_class tensors) {
  if (name.empty()) return {};
  static constexpr const char* fields[SPINVP_TENSOR_CLASSES] = {"tensors.weights", "tensors.activations", "tensors.gradients"};
  const auto found = std::find_if(memories.begin(), memories.end(), [&](const MemoryRange& m) { return m.name == name && m.type != "rom"; });
  if (found == memories.end())
    throw core::InputError(fmt::format("{}: '{}' is no memory that can be written; allowed: {}", fields[tensors], name, memory_list(memories)));
  return {found->base, found->size};
}

// Hands out pages of the DRAM from `free` on.
class Heap {
 public:
  Heap(const ElfImage& image, const MemoryRange& dram, std::uint64_t free) : image_(image), dram_(dram), free_(round_up(free)) {}

  std::uint64_t place(std::string bytes, std::vector<Placement>& placements) {
    const std::uint64_t address = free_;
    if (!dram_.holds(address, bytes.size()))
      throw core::InputError(fmt::format("{}: the data set has no room behind it in {}, which ends at {:#x}; allowed is a larger memory or a smaller data set",
                                         image_.path, dram_.name, dram_.base + dram_.size));
    free_ = round_up(address + bytes.size());
    placements.push_back({address, std::move(bytes)});
    return address;
  }
  [[nodiscard]] std::uint64_t free() const { return std::min(free_, dram_.base + dram_.size); }

 private:
  const ElfImage& image_;
  const MemoryRange& dram_;
  std::uint64_t free_;
};

void place_dataset(const workloads::Dataset& dataset, Heap& heap, spinvp_boot& boot, std::vector<Placement>& placements) {
  boot.train_images = heap.place(bytes_of(workloads::float_images(dataset.train_images)), placements);
  boot.train_labels = heap.place(bytes_of(dataset.train_labels), placements);
  boot.train_count = dataset.train_count();
  boot.test_images = heap.place(bytes_of(workloads::float_images(dataset.test_images)), placements);
  boot.test_labels = heap.place(bytes_of(dataset.test_labels), placements);
  boot.test_count = dataset.test_count();
}

// Checks that `bytes` bytes at a symbol of the image lie inside a segment of it.
void check_symbol(const ElfImage& image, const char* name, std::uint64_t address, std::size_t bytes) {
  const auto holds = [&](const ElfImage::Segment& s) { return address >= s.address && address < s.end() && s.end() - address >= bytes; };
  if (std::none_of(image.segments.begin(), image.segments.end(), holds))
    throw core::InputError(fmt::format("{}: the symbol {} ({:#x}) is not {} bytes inside a segment", image.path, name, address, bytes));
}

void place_text(const workloads::Text& text, const ElfImage& image, Heap& heap, std::vector<Placement>& placements) {
  const std::uint64_t symbol = image.symbol("spinvp_text").value();
  check_symbol(image, "spinvp_text", symbol, sizeof(spinvp_text));
  spinvp_text told{};
  told.train = heap.place(bytes_of(text.train), placements);
  told.train_count = text.train_count();
  told.test = heap.place(bytes_of(text.test), placements);
  told.test_count = text.test_count();
  told.length = static_cast<std::uint32_t>(text.length);
  told.tokens = workloads::language_tokens;
  std::string bytes(sizeof told, '\0');
  std::memcpy(bytes.data(), &told, sizeof told);
  placements.push_back({symbol, std::move(bytes)});
}

}  // namespace

void check_fits(const ElfImage& image, const std::vector<MemoryRange>& memories) {
  for (const ElfImage::Segment& segment : image.segments) {
    const auto holds = [&](const MemoryRange& m) { return m.holds(segment.address, segment.size); };
    if (std::none_of(memories.begin(), memories.end(), holds))
      throw core::InputError(fmt::format("{}: the segment from {:#x} to {:#x} lies in no memory; allowed: {}", image.path, segment.address, segment.end() - 1,
                                         memory_list(memories)));
  }
}

std::vector<Placement> plan_boot(const ElfImage& image, const std::vector<MemoryRange>& memories, const BootRequest& request, const workloads::Dataset* dataset,
                                 const workloads::Text* text) {
  const auto block = image.symbol("spinvp_boot");
  if (!block && request.program)
    throw core::InputError(fmt::format("{}: the symbol spinvp_boot is missing: this firmware cannot be told of a network", image.path));
  if (!block) return {};
  check_symbol(image, "spinvp_boot", *block, sizeof(spinvp_boot));

  std::vector<Placement> placements;
  spinvp_boot boot{};
  boot.magic = SPINVP_BOOT_MAGIC;
  boot.seed = request.seed;
  boot.steps = request.steps;
  boot.batch = request.batch;
  boot.pooling_unit = static_cast<std::uint16_t>(request.pooling_unit);
  boot.loss_unit = static_cast<std::uint16_t>(request.loss_unit);
  std::copy(request.layer_units.begin(), request.layer_units.end(), std::begin(boot.layer_units));
  if (const MemoryRange* dram = memory_of_type(memories, "dram")) {
    std::uint64_t end = dram->base;
    for (const ElfImage::Segment& segment : image.segments)
      if (dram->holds(segment.address, segment.size)) end = std::max(end, segment.end());
    if (const auto symbol = image.symbol("_end"); symbol && dram->holds(*symbol, 0)) end = std::max(end, *symbol);
    Heap heap(image, *dram, end);
    if (dataset != nullptr) place_dataset(*dataset, heap, boot, placements);
    if (text != nullptr) place_text(*text, image, heap, placements);
    boot.dram_free = heap.free();
    boot.dram_end = dram->base + dram->size;
    if (request.program) {
      LoadedProgram loaded = request.program({boot.dram_free, boot.dram_end - boot.dram_free});
      boot.program = loaded.address;
      boot.dram_free = round_up(loaded.end);
      for (Placement& placement : loaded.placements) placements.push_back(std::move(placement));
    }
  }
  if (const MemoryRange* onchip = memory_of_type(memories, "onchip_memory")) {
    boot.onchip_base = onchip->base;
    boot.onchip_size = onchip->size;
  }
  for (const auto tensors : {SPINVP_WEIGHTS, SPINVP_ACTIVATIONS, SPINVP_GRADIENTS})
    boot.tensors[tensors] = memory_named(memories, request.tensors[tensors], tensors);
  std::string bytes(sizeof boot, '\0');
  std::memcpy(bytes.data(), &boot, sizeof boot);
  placements.push_back({*block, std::move(bytes)});
  return placements;
}

}  // namespace spinvp::platform
