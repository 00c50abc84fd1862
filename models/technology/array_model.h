// From a memory cell to the data sheet of a memory macro: circuits, wires and a search over organisations.
//
// One bank is a grid of mats joined by an H-tree; a mat is 1 or 2 x 1 or 2 subarrays around their predecoders; a subarray is rows x columns of cells with a row decoder,
// precharge (voltage sensing), column multiplexers and sense amplifiers. Every organisation whose word, rows and columns are powers of two is tried, the best for the target wins.
// All of it follows from the transistors and wires of process_node.h, the circuits of array_circuits.h and the cell; docs/memory-array.md has the equations and how well they agree.
//
// Conventions, each visible in ArrayDesign::assumptions:
//   energy     of one word; every wire of the H-tree completes a charge cycle unless `bus_activity` says otherwise
//   latency    from the address at the bank's edge to the data at the same edge (read), or to the end of the write pulse (write)
//   cycle      how often a bank takes a new word: the subarray's own time, since the H-tree is pipelined
//   leakage    powered on, nothing accessed, at the request's temperature; the SRAM cell's share follows a named preset
//
// Plain arithmetic and core/exact_math: the same bits on every host. A design takes milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"
#include "models/technology/memory_cell.h"
#include "models/technology/memory_sheet.h"
#include "models/technology/process_node.h"

namespace spinvp::technology {

enum class ArrayTarget { area, read_latency, write_latency, read_energy, write_energy, leakage, read_edp, write_edp };
// The names as written above; others throw core::InputError that lists them.
Transistors transistors_named(const std::string& name);
ArrayTarget array_target_named(const std::string& name);
const char* name_of(Transistors transistors);
const char* name_of(ArrayTarget target);

// What a resting SRAM cell leaks: the figure that decides most, and spans four orders of magnitude in the literature.
struct SramLeakagePreset {
  std::string name;
  std::string source;  // begins with published:, derived: or assumed:
};
// node: the periphery's transistors; hp, lop, lstp: those of this flavour at the node; nvsim: as node, but both inverters leak their worst at once; scope: 27.5 pW a bit.
const std::vector<SramLeakagePreset>& sram_leakage_presets();

// All counts are powers of two. Active: takes part in one access.
struct ArrayOrganisation {
  unsigned mat_rows = 1, mat_columns = 1, active_mat_rows = 1, active_mat_columns = 1;
  unsigned subarray_rows = 1, subarray_columns = 1, active_subarray_rows = 1, active_subarray_columns = 1;  // in a mat
  unsigned rows = 0, columns = 0;                                                                           // of a subarray
  unsigned bit_line_mux = 1, output_mux = 1;  // columns a sense amplifier serves; sense amplifiers an output bit chooses from
};

struct ArrayRequest {
  MemoryCell cell;
  std::uint64_t capacity_bytes = 0;  // of the bank, a power of two
  unsigned word_bits = 512;          // what one access moves, a power of two
  core::Length node = core::Length::from_si(22e-9);
  core::Temperature temperature = core::Temperature::from_si(350);  // 300 to 400 K
  Transistors transistors = Transistors::lop;
  ArrayTarget target = ArrayTarget::read_edp;
  std::string sram_leakage = "node";
  bool fixed_sense_delay = false;  // current sensing takes the time and energy that NVSim holds fixed by node, instead of our estimate
  // Count as NVSim does: one wire a data bit for both directions and nothing hangs on a branch of the H-tree, and every gate leaks what its worse state leaks.
  bool array_tool_conventions = false;
  double bus_activity = 1;                        // share of the H-tree's wires that complete a charge cycle in an access (1: worst case, as array tools count)
  std::optional<ArrayOrganisation> organisation;  // this one instead of the best; its counts must make up the capacity and the word
  std::string name;                               // of the sheet; empty: technology_capacity_node
};

// One line of a breakdown: the parts sum up to the sheet's figure.
struct ArrayPart {
  std::string name;
  double value = 0;  // in the unit of the breakdown
};

struct ArrayDesign {
  MemoryDataSheet sheet;
  ArrayOrganisation organisation;
  core::Length width, height;
  double cell_share = 0;                                                              // cells' share of the area
  std::vector<ArrayPart> area_mm2, read_ns, write_ns, read_pj, write_pj, leakage_mw;  // by part
  std::string sram_leakage;                                                           // the preset used; empty: no SRAM
  std::vector<core::Constant> assumptions;                                            // constants used, each with its source
  std::uint64_t organisations_tried = 0;
};

// Throws core::InputError: a node, temperature, capacity or word outside of the model, an unknown preset, a cell without what its kind needs, no organisation that works.
ArrayDesign design_array(const ArrayRequest& request);

// The sheet of one bank with the named cell of memory_cells.h that stands for a technology (sram, stt, sot) at 22 nm, low operating power, 350 K: what default sheets come from.
MemoryDataSheet modelled_memory_data_sheet(MemoryTechnology technology, std::uint64_t capacity_bytes);

}  // namespace spinvp::technology
