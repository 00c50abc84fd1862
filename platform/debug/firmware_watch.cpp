#include "platform/debug/firmware_watch.h"

#include <filesystem>
#include <sstream>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/memory/memory_device.h"
#include "platform/report/files.h"

namespace spinvp::platform {

FirmwareWatch::FirmwareWatch(Soc& soc, core::Simulation& simulation, const ElfImage& image, std::string content, Options options)
    : soc_(soc), simulation_(simulation), image_(image), content_(std::move(content)), options_(std::move(options)) {
  for (const auto& hart : soc.harts()) {
    hart->set_crash_text([this](const riscv::Hart& crashed) {
      const riscv::CrashReport& crash = crashed.interpreter().crash();
      CrashFacts facts = facts_of(crashed);
      facts.cause = crash.cause;
      facts.value = crash.value;
      facts.state.pc = crash.pc;
      const std::uint64_t vector = crashed.interpreter().trap_vector();
      facts.why = crash.no_vector ? "no trap handler, mtvec was never written"
                  : vector == 0   ? "no trap handler, mtvec is 0"
                                  : fmt::format("the trap handler at {:#x} cannot be fetched", vector);
      const PlaceText place = [this](std::uint64_t address) { return soc_.place_of(address); };
      crash_ = "crash of " + crash_text(facts, symbols(), place);
      return crash_line(facts, symbols(), place);
    });
    if (!options_.profile) continue;
    profiles_.push_back(std::make_unique<riscv::CallProfile>(function_ranges(symbols())));
    hart->set_profile(profiles_.back().get());
  }
  if (options_.check_memory) check_memory();
}

const Symbols& FirmwareWatch::symbols() {
  if (!symbols_) symbols_ = std::make_unique<Symbols>(std::move(content_));
  return *symbols_;
}

CrashFacts FirmwareWatch::facts_of(const riscv::Hart& hart) const {
  CrashFacts facts;
  facts.hart = hart.name();
  facts.state.entry = image_.entry;
  facts.state.trap_vector = hart.interpreter().trap_log().handler();
  for (unsigned i = 0; i < 32; ++i) facts.state.x[i] = hart.interpreter().x(i);
  facts.state.read = [this](std::uint64_t address, unsigned size) { return soc_.read_number(address, size); };
  return facts;
}

void FirmwareWatch::check_memory() {
  MemoryCheck::Services services;
  services.place = [this](std::uint64_t address) { return soc_.place_of(address); };
  services.read = [this](std::uint64_t address, unsigned size) { return soc_.read_number(address, size); };
  services.tell = [this](const std::string& hart, const std::string& message) { simulation_.warn(hart, message); };
  std::vector<MemoryCheck::Area> memories, kept;
  for (const Soc::Instance& instance : soc_.devices())
    if (const auto* memory = dynamic_cast<const memory::MemoryDevice*>(instance.device.get())) {
      const std::uint64_t base = instance.config->placement.base;
      memories.push_back({base, base + memory->size()});
      if (memory->non_volatile()) kept.push_back(memories.back());
    }
  check_ = std::make_unique<MemoryCheck>(symbols(), image_, memories, std::move(services));
  if (options_.non_volatile_loaded)
    for (const MemoryCheck::Area& memory : kept) check_->written(memory.start, memory.end - memory.start);
  soc_.interconnect().set_write_listener([this](std::uint64_t address, std::uint64_t length) { check_->written(address, length); });
  for (const auto& hart : soc_.harts()) hart->set_access_watch(check_->watch(hart->name()));
}

std::vector<std::string> FirmwareWatch::finish() {
  std::vector<std::string> texts;
  if (check_) check_->finish();
  if (crash_) texts.push_back(*crash_);
  // Firmware that deals with its exceptions itself and gives up: the run ends with its own code, inside the handler.
  const bool well = simulation_.exit().reason == core::ExitReason::finished || simulation_.exit().reason == core::ExitReason::interrupted;
  if (!crash_ && !well)
    for (const auto& hart : soc_.harts()) {
      const riscv::TrapRecord& trap = hart->interpreter().trap_log().last_exception();
      if (!trap.open) continue;
      CrashFacts facts = facts_of(*hart);
      facts.cause = trap.cause;
      facts.value = trap.value;
      facts.state.pc = trap.pc;
      facts.state.x = trap.x;
      facts.why = "the run ended in its handler";
      texts.push_back("trap of " + crash_text(facts, symbols(), [this](std::uint64_t address) { return soc_.place_of(address); }));
    }
  if (check_) texts.push_back(check_->summary());
  return texts;
}

void FirmwareWatch::check_outputs() const {
  if (!options_.profile) return;
  namespace fs = std::filesystem;
  const fs::path file(*options_.profile), folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code error;
  if (fs::is_directory(file, error)) throw core::FileError(fmt::format("--profile {}: is a folder; allowed is a file", file.string()));
  if (!fs::is_directory(folder, error))
    throw core::FileError(fmt::format("--profile {}: cannot be written: there is no folder {}", file.string(), folder.string()));
}

std::vector<std::string> FirmwareWatch::write_profile(const riscv::HartConfig& config) {
  if (!options_.profile) return {};
  const std::string stacks = *options_.profile, table = stacks + ".table";
  std::vector<NamedProfile> profiles;
  for (std::size_t i = 0; i < profiles_.size(); ++i) profiles.emplace_back(soc_.harts()[i]->name(), *profiles_[i], symbols(), config);
  std::ostringstream lines, tables;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    profiles[i].write_collapsed(lines, profiles.size() == 1 ? "" : std::string(soc_.harts()[i]->name()) + ";");
    if (i != 0) tables << "\n";
    profiles[i].write_tables(tables, symbols());
  }
  write_file(stacks, lines.str());
  write_file(table, tables.str());
  return {stacks, table};
}

}  // namespace spinvp::platform
