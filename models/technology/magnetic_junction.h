// A magnetic tunnel junction as a memory cell's storage element: free layer, barrier, and how it is written. The equations live in free_layer.h,
// spin_orbit_write.h, spin_transfer_write.h, read_path.h, retention.h and write_error.h; this puts one device together and hands it on as the cell that an array
// model takes (memory_cell.h) and as the error rates that fault processes take (cell_errors.h).
//
// A value that no device can have throws core::InputError: which equation fails, at which value, and what is allowed.
#pragma once

#include <string>
#include <vector>

#include "models/technology/cell_errors.h"
#include "models/technology/free_layer.h"
#include "models/technology/memory_cell.h"
#include "models/technology/read_path.h"
#include "models/technology/spin_orbit_write.h"
#include "models/technology/spin_transfer_write.h"

namespace spinvp::technology {

enum class WriteMechanism { spin_orbit, spin_transfer };

struct MagneticJunction {
  std::string name;
  WriteMechanism write = WriteMechanism::spin_orbit;
  FreeLayer layer;
  TunnelBarrier barrier;
  SpinOrbitTrack track;                   // of a SOT junction
  double spin_transfer_efficiency = 0.6;  // eta; of a SOT junction for read disturb alone
  std::vector<core::Constant> constants;  // every number above with its source
};

// One write: a current and how long it flows.
struct WriteDrive {
  core::Current current;
  core::Time pulse;
};
struct ReadDrive {
  core::Voltage voltage;
  core::Time duration;
};

// I_c of the junction's own way of writing.
core::Current critical_current(const MagneticJunction& junction, core::Temperature temperature);
// Of the path that the write current takes: the track, or the junction in its parallel state.
core::Resistance write_resistance(const MagneticJunction& junction, core::Temperature temperature);

// Probability that a bit meant to flip does not. SOT: exp(-k (t - t0(I))), refused for a current at or below the critical one and for a pulse shorter than the
// incubation t0. STT: the closed form of write_error.h, refused for a current at or below the critical one.
double write_error(const MagneticJunction& junction, const WriteDrive& drive, core::Temperature temperature);
// The shortest pulse at this current, and the least current for this pulse, whose write error is at most `error`.
core::Time pulse_for_error(const MagneticJunction& junction, core::Current current, double error, core::Temperature temperature);
core::Current current_for_error(const MagneticJunction& junction, core::Time pulse, double error, core::Temperature temperature);

// Of one read; the current is the larger one, through the parallel state.
double read_disturb(const MagneticJunction& junction, const ReadDrive& read, core::Temperature temperature);

// What fault processes take, at a temperature. `up` writes a 1 (the high resistance state), `down` a 0. Cells stuck from the fab are not a matter of this device.
CellErrorRates cell_error_rates(const MagneticJunction& junction, const WriteDrive& up, const WriteDrive& down, const ReadDrive& read,
                                core::Temperature temperature);

// What stands around the junction in a cell; none of it follows from the magnet.
struct CellCircuit {
  core::Length node;
  double area_f2 = 0, aspect_ratio = 1;
  AccessDevice access = AccessDevice::cmos;
  double read_access_width_f = 0, write_access_width_f = 0;
  core::Voltage supply;
  core::Voltage least_sense_voltage = core::Voltage::from_si(25e-3);
  unsigned word_lines = 2, bit_lines = 2;
  std::string source;  // of these
};
// The cell for an array model: resistances at the read voltage, write energy V I t of the supply, retention of a bit to `retention_failure`.
MemoryCell memory_cell(const MagneticJunction& junction, const WriteDrive& set, const WriteDrive& reset, const ReadDrive& read, const CellCircuit& circuit,
                       core::Temperature temperature, double retention_failure = 1e-9);

}  // namespace spinvp::technology
