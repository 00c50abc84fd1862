// A magnetic device in the layout of a named cell: what an array model takes where time and energy are to follow from the device.
#pragma once

#include "models/technology/magnetic_junction.h"
#include "models/technology/process_node.h"

namespace spinvp::technology {

struct DeviceCell {
  MagneticJunction junction;
  WriteDrive write;                                    // both directions
  core::Voltage supply = core::Voltage::from_si(1.1);  // of the write path
  core::Temperature temperature;
  Transistors transistors = Transistors::lop;  // of the access
  double bit_failure = 1e-9;                   // probability of a bit to fail that its retention is stated for
};
// Area, transistors and lines of `layout`, whose write transistor is widened, and its area with it, where the write current is more than it carries; resistances, write and retention of the device. The read takes the layout's read voltage, 0.1 V where it has none. Throws core::InputError
// for a write that the device or the supply cannot do.
MemoryCell cell_of_device(const DeviceCell& device, const MemoryCell& layout, core::Length node);
// Where the retention of such a cell comes from.
std::string retention_source(const DeviceCell& device);

}  // namespace spinvp::technology
