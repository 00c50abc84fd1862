// One subarray: rows x columns of cells with row decoder, precharge or clamp, column multiplexers, sense amplifiers and write drivers.
#pragma once

#include "models/technology/array_circuits.h"
#include "models/technology/memory_cell.h"

namespace spinvp::technology {

struct SubarrayShape {
  unsigned rows = 0, columns = 0;
  unsigned bit_line_mux = 1, output_mux = 1;
  friend bool operator==(const SubarrayShape&, const SubarrayShape&) = default;
  [[nodiscard]] unsigned sense_amplifiers() const { return columns / bit_line_mux; }
  [[nodiscard]] unsigned word_bits() const { return columns / (bit_line_mux * output_mux); }
};

// What the cell is at this node, worked out once for all subarrays: sizes in metres, currents, the SRAM cell's leakage.
struct ArrayCell {
  bool sram = false, current_sensing = false;
  double width = 0, height = 0;              // m
  double access_read = 0, access_write = 0;  // m: widths of transistors, 0: none
  double word_line_gates = 0;                // m of gate width that a cell hangs on its word line
  double pull_down = 0;                      // m
  double low = 0, high = 0, read_voltage = 0, read_power = 0, sense_voltage = 0;
  double sense_swings = 0;  // ln(supply / sense voltage): time constants that a latch needs
  double write_current = 0, write_pulse = 0, write_energy = 0, write_voltage = 0;
  double read_delay = 0;  // s, of the access device
  double leakage = 0;     // W, SRAM
};

struct SenseOptions {
  bool fixed = false;
  FixedCurrentSense figures;
};

// s, J of the whole subarray, W, m.
struct Subarray {
  bool works = false;
  Footprint footprint;
  double cells_area = 0, decoder_area = 0, column_area = 0;
  double row_decoder = 0, column_decoder = 0, bit_line = 0, sense = 0, mux = 0, precharge = 0, write_drive = 0, write_pulse = 0;
  double decoder_energy = 0, bit_line_energy = 0, cell_read_energy = 0, sense_energy = 0, mux_energy = 0, precharge_energy = 0;  // read
  double write_bit_line_energy = 0, cell_write_energy = 0;
  double cell_leakage = 0, decoder_leakage = 0, column_leakage = 0;
  double predecode_input = 0;  // F: of one input of the row decoder's gates

  [[nodiscard]] double read_latency() const { return (row_decoder > column_decoder ? row_decoder : column_decoder) + bit_line + mux + sense; }
  [[nodiscard]] double write_latency() const { return (row_decoder > column_decoder + write_drive ? row_decoder : column_decoder + write_drive) + write_pulse; }
  // Until the next word: the word line must fall and the bit lines be restored, the decoder of the next word works meanwhile.
  [[nodiscard]] double read_cycle() const { return bit_line + mux + sense + precharge; }
  [[nodiscard]] double write_cycle() const { return write_latency() + precharge; }
  [[nodiscard]] double read_energy() const { return decoder_energy + bit_line_energy + cell_read_energy + sense_energy + mux_energy + precharge_energy; }
  [[nodiscard]] double write_energy() const { return decoder_energy + write_bit_line_energy + cell_write_energy + mux_energy; }
  [[nodiscard]] double leakage() const { return cell_leakage + decoder_leakage + column_leakage; }
};

// `input_transition`: of the predecoder's lines. `works` is false where no layout or drive exists (a sense amplifier wider than its columns, a write current beyond a mux).
Subarray design_subarray(const ArrayCircuits& circuits, const ArrayCell& cell, const SubarrayShape& shape, const SenseOptions& sense, bool small_drivers);

}  // namespace spinvp::technology
