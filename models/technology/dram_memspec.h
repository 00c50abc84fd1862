// Reads a DRAM's description in DRAMSys's JSON format ("memspec") as a data sheet.
//
// Read are `memarchitecturespec`, `memtimingspec` (clock cycles; multiplied by tCK) and `mempowerspec`, as DDR3, DDR4, LPDDR4, HBM2 and STT-MRAM files have them, in the spellings of
// DRAMSys 5 (tCK in seconds, currents in ampere, nbrOfDevices) and of earlier ones (clkMhz, currents in milliampere, nbrOfDevicesOnDIMM). Keys that say nothing about what is
// modelled (power-down exits, terminations, postambles) are passed over.
//
// Gaps. A file without currents (all of DRAMSys's STT-MRAM ones) or with zeros takes the energies of the preset of its kind, bit for bit and byte for byte of a page, and every
// source says so; interface latency and I/O energy are always the preset's. A file of type STT-MRAM (or any with "MRAM" in its type) is non-volatile and needs no REFI.
#pragma once

#include <string>

#include "models/technology/dram_sheet.h"

namespace spinvp::technology {

// Throws core::InputError ("FILE:LINE: ..." where the JSON itself is broken, "FILE: memspec.memtimingspec.RCD: ..." where a value is), core::FileError if there is no such file.
DramDataSheet read_memspec(const std::string& file);
// The same of a text; `file` is for messages.
DramDataSheet parse_memspec(const std::string& text, const std::string& file);

}  // namespace spinvp::technology
