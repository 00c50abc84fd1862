// One memory macro: what can be asked of it, and the array model's answer with everything that decided it.
//
// The cell is a named one, a file of another array tool, or a magnetic device with the layout of a named cell around it. A named or imported magnetic cell says nothing of
// how long it holds its bit: its sheet then has the array model's assumption, and says so. A device's stability and retention are its own, at the array's temperature.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/technology/array_model.h"
#include "models/technology/import/import_text.h"
#include "models/technology/magnetic_junction.h"

namespace spinvp::platform {

// For tuning, the named device that stands for a technology where nobody says another. None for SRAM.
const char* default_device(technology::MemoryTechnology technology);

struct MemoryQuestion {
  technology::MemoryTechnology technology = technology::MemoryTechnology::sot;
  technology::ArrayRequest array;  // the cell in it is not asked for, but found
  std::string cell;                // a name of memory_cells.h or cell_presets.h, or the path of a `.cell` file; empty: technology::default_memory_cell()
  std::string device;              // a preset of device_presets.h: the cell's magnet and write; empty: as the cell says
  // Of a device.
  double bit_failure = 1e-9;                           // what its retention and its write error are stated for
  core::Time write_pulse;                              // zero: 1 ns (SOT), 10 ns (STT)
  core::Voltage supply = core::Voltage::from_si(1.1);  // of the write path
};

struct MemoryAnswer {
  MemoryQuestion question;
  technology::MemoryCell cell;
  technology::ArrayDesign design;
  std::vector<technology::ImportWarning> warnings;  // of a cell file
  std::vector<core::Constant> constants;            // of the cell and the device; those of the array are in the design

  [[nodiscard]] const technology::MemoryDataSheet& sheet() const { return design.sheet; }
};

// Throws core::InputError: what the array model, the device model or the cell file refuse; core::FileError for a file that cannot be read.
MemoryAnswer answer_memory(const MemoryQuestion& question);
// The same with a device that is no preset (a tuned one) and its write.
MemoryAnswer answer_memory(const MemoryQuestion& question, const technology::MagneticJunction& junction, const technology::WriteDrive& write);

// Whether a text of MemoryQuestion::cell is a name and not a path.
bool is_cell_name(const std::string& text);
std::vector<std::string> cell_names();
// Throws core::InputError for another name.
technology::MemoryCell cell_named(const std::string& name);

}  // namespace spinvp::platform
