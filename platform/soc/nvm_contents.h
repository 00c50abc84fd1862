// `--nvm-image FILE`: what the non-volatile memories of the platform hold, before the run from a file and after the run into it.
//
//   NvmContents nvm(soc, file);          // refuses a configuration whose memories all forget
//   artifacts: nvm.load()                // nothing if there is no such file yet
//   run
//   artifacts: nvm.save()                // the old image or the new one, whenever the program stops
//
// The image is named after the devices of the configuration and fits those memories alone (models/memory/nvm_image.h). It is loaded before the firmware: an
// ELF that lies in such a memory is written over it, and what a segment has beyond its bytes in the file keeps what was there, as behind a debugger's loader.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/memory/memory_device.h"
#include "models/memory/nvm_image.h"
#include "platform/report/report_json.h"
#include "platform/soc/soc.h"

namespace spinvp::platform {

class NvmContents {
 public:
  // Throws core::InputError where no memory keeps its contents, core::FileError where the file's folder takes no file.
  NvmContents(const Soc& soc, const std::string& file);

  // Throws core::InputError for anything but a whole image of these memories; then no memory has changed.
  std::optional<Artifact> load();
  // Throws core::FileError; then the file is as it was.
  Artifact save() const;

 private:
  std::string file_;
  std::vector<memory::MemoryDevice*> devices_;
  std::vector<memory::NvmMemory> memories_;
};

}  // namespace spinvp::platform
