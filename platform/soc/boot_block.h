// What firmware is told before its first instruction: the boot block (models/abi/boot.h) and the data behind it: a data set of images, or, for an ELF with the symbol `spinvp_text`, a text
// (models/abi/language_model.h).
//
// The data set lies in DRAM behind the ELF: training images (fp32, 28 x 28, workloads/datasets/dataset.h says how grey values become numbers), training labels, test images, test labels, each on a page of its own.
// A text lies there in their place: its sentences to train on, then those to test, each on a page of its own. Everything up to the end of the DRAM is then the firmware's.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/abi/boot.h"
#include "platform/soc/elf_image.h"
#include "workloads/datasets/dataset.h"
#include "workloads/datasets/toy_language.h"

namespace spinvp::platform {

// Where storage answers on the bus.
struct MemoryRange {
  std::string name, type;  // of the device
  std::uint64_t base = 0, size = 0;
  [[nodiscard]] bool holds(std::uint64_t address, std::uint64_t length) const { return address >= base && length <= size && address - base <= size - length; }
};

// Bytes and where they go.
struct Placement {
  std::uint64_t address = 0;
  std::string bytes;
};

// A compiled network in memory (models/abi/program.h).
struct LoadedProgram {
  std::uint64_t address = 0;  // of its struct spinvp_program
  std::vector<Placement> placements;
  std::uint64_t end = 0;          // DRAM from here on is free
  std::uint64_t moved_bytes = 0;  // over the bus, in all steps together
};

struct BootRequest {
  std::uint64_t seed = 1;
  std::uint64_t steps = 0, batch = 0;  // 0: the app's own default
  spinvp_unit pooling_unit = SPINVP_UNIT_HART, loss_unit = SPINVP_UNIT_HART;
  std::array<std::string, SPINVP_TENSOR_CLASSES> tensors = {};  // names of memories; empty: the app's own choice
  std::array<spinvp_unit, 2> layer_units = {SPINVP_UNIT_NPU, SPINVP_UNIT_NPU};
  std::function<LoadedProgram(const spinvp_memory& free)> program = {};  // puts a program into the DRAM that is free; none: there is no program
};

// Checks that every segment lies in one memory. Throws core::InputError naming the ELF.
void check_fits(const ElfImage& image, const std::vector<MemoryRange>& memories);

// The boot block and the data, ready to be written, the boot block last; nothing if the ELF has no symbol `spinvp_boot`. Without a data set (null) its counts are 0; a text needs the symbol `spinvp_text`.
// Throws core::InputError where something has no room.
std::vector<Placement> plan_boot(const ElfImage& image, const std::vector<MemoryRange>& memories, const BootRequest& request, const workloads::Dataset* dataset,
                                 const workloads::Text* text = nullptr);

}  // namespace spinvp::platform
