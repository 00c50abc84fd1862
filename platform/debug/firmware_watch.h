// What looks on while firmware runs, and says it in the firmware's own words: crash report, memory check, profile.
//
//   FirmwareWatch watch(soc, simulation, image, content, options);   // before the run
//   run
//   for (text : watch.finish()) console.line(text);                  // crash report, summary of the check
//   watch.write_profile(config)                                      // FILE and FILE.table
//
// The symbols are read when they are first needed: a run that ends well without an option never does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/debug/crash_report.h"
#include "platform/debug/memory_check.h"
#include "platform/debug/profile.h"
#include "platform/soc/elf_image.h"
#include "platform/soc/soc.h"

namespace spinvp::platform {

class FirmwareWatch {
 public:
  struct Options {
    bool check_memory = false;
    bool non_volatile_loaded = false;  // memories that keep their contents hold some
    std::optional<std::string> profile;
  };
  // `content`: the ELF file's. All but the options outlive it.
  FirmwareWatch(Soc& soc, core::Simulation& simulation, const ElfImage& image, std::string content, Options options);

  // Before the run: throws core::FileError where the profile can have no file.
  void check_outputs() const;
  // Once the run has ended: what stderr should say.
  std::vector<std::string> finish();
  // Throws core::FileError. Returns the files' names; none without the option.
  std::vector<std::string> write_profile(const riscv::HartConfig& config);

 private:
  Soc& soc_;
  core::Simulation& simulation_;
  const ElfImage& image_;
  std::string content_;
  Options options_;
  std::optional<std::string> crash_;  // the report of a crash, as it was when that happened
  std::unique_ptr<Symbols> symbols_;
  std::unique_ptr<MemoryCheck> check_;
  std::vector<std::unique_ptr<riscv::CallProfile>> profiles_;  // by hart

  const Symbols& symbols();
  CrashFacts facts_of(const riscv::Hart& hart) const;
  void check_memory();
};

}  // namespace spinvp::platform
