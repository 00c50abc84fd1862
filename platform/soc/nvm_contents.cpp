#include "platform/soc/nvm_contents.h"

#include <filesystem>

#include <fmt/format.h>

#include "models/core/error.h"
#include "platform/report/files.h"

namespace spinvp::platform {

namespace {

// Found before the run, not at its end: the folder takes a file of that name.
void try_to_write(const std::string& file) { const memory::DurableFile probe(file); }

}  // namespace

NvmContents::NvmContents(const Soc& soc, const std::string& file) : file_(file) {
  std::vector<std::string> volatile_ones;
  for (const Soc::Instance& instance : soc.devices()) {
    auto* device = dynamic_cast<memory::MemoryDevice*>(instance.device.get());
    if (device == nullptr) continue;
    if (const auto cells = device->non_volatile()) {
      devices_.push_back(device);
      memories_.push_back({instance.config->name, cells->technology, device->size(), cells->word_bytes});
    } else if (device->type() == "onchip_memory") {
      volatile_ones.push_back(instance.config->name);
    }
  }
  if (devices_.empty())
    throw core::InputError(
        fmt::format("--nvm-image {}: {}; allowed is a configuration with an onchip_memory of technology sot or stt", file,
                    volatile_ones.empty() ? "there is no on-chip memory"
                                          : fmt::format("the on-chip memory ({}) is sram, which keeps nothing without power", fmt::join(volatile_ones, ", "))));
  try_to_write(file);
}

std::optional<Artifact> NvmContents::load() {
  std::error_code error;
  if (!std::filesystem::exists(file_, error)) return std::nullopt;
  const std::string bytes = read_file(file_);
  const auto image = memory::read_nvm_image({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, file_);
  memory::check_nvm_image(image, memories_, file_);
  for (std::size_t i = 0; i < image.size(); ++i)
    for (const auto& page : image[i].pages) devices_[i]->restore_page(page.number, page.bytes);
  return Artifact{file_, "nvm-image", content_hash(bytes)};
}

Artifact NvmContents::save() const {
  std::vector<memory::NvmSource> sources;
  for (std::size_t i = 0; i < devices_.size(); ++i) sources.push_back({memories_[i], &devices_[i]->contents()});
  memory::DurableFile file(file_);
  memory::write_nvm_image(file, sources);
  file.complete();
  return {file_, "nvm-output", fmt::format("xxh3:{:016x}", file.digest())};
}

}  // namespace spinvp::platform
