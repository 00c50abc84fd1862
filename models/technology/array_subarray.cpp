#include "models/technology/array_subarray.h"

#include <algorithm>
#include <cmath>

#include "models/core/exact_math.h"

namespace spinvp::technology {

namespace {

// Widths in F of a latch-type sense amplifier's transistors (CACTI 6.5): cross-coupled pairs, isolation, enable.
constexpr double latch_p_f = 7.5, latch_n_f = 3.75, isolation_f = 12.5, enable_f = 5, sense_mux_f = 9;
constexpr double precharge_f = 6, equalise_f = 1.5;
// Current to voltage conversion with its reference and clamp, F^2: published layouts of MRAM read circuits, the figure that NVSim holds.
constexpr double converter_f2 = 50000;
constexpr double clamp_f = 20;      // W of the transistor that holds the bit line at the read voltage
constexpr double settle_times = 3;  // time constants until a clamped bit line has settled to 5 %
constexpr double mux_share = 0.2;   // a multiplexer may add this share of the low resistance
constexpr double contacted_f = 6;   // ground along the column of one transistor with its two contacted sides

// Transistors stacked along a column `pitch` wide, each folded into it. Returns the height in F.
double stack_height_f(std::initializer_list<double> widths_f, double pitch_f) {
  double widest = 0, height = 0;
  for (const double w : widths_f) widest = std::max(widest, w);
  const double room = std::min(widest, pitch_f);
  for (const double w : widths_f) {
    const double fingers = std::ceil(w / room);
    height += contacted_f + (fingers - 1) * 3.5;
  }
  return height * room / pitch_f;
}

struct Column {  // what the lines of a subarray are
  double word_r, word_c, bit_r, bit_c;
};

Column lines_of(const ArrayCircuits& c, const ArrayCell& cell, const SubarrayShape& s) {
  const double along_word = s.columns * cell.width, along_bit = s.rows * cell.height;
  Column l;
  l.word_r = along_word * c.local.resistance;
  l.word_c = along_word * c.local.capacitance + s.columns * c.gate(cell.word_line_gates);
  l.bit_r = along_bit * c.local.resistance;
  // Two cells share a contact to the bit line.
  const double access = std::max(cell.access_read, cell.access_write);
  l.bit_c = along_bit * c.local.capacitance + (access > 0 ? s.rows * c.drain(access, cell.width) / 2 : 0);
  return l;
}

}  // namespace

Subarray design_subarray(const ArrayCircuits& c, const ArrayCell& cell, const SubarrayShape& s, const SenseOptions& sense, bool small) {
  Subarray a;
  const double f = c.f, vdd = c.t.supply;
  const Column line = lines_of(c, cell, s);
  const double sense_pitch_f = cell.width * s.bit_line_mux / f;
  if (sense_pitch_f <= 2) return a;

  // Column multiplexer: wide enough for the write current, and little beside the cell's resistance.
  double mux_width = 6 * ArrayCircuits::least_width_f * f;
  if (!cell.sram) {
    const double for_current = cell.write_current / c.t.on_current_n, for_read = c.t.on_resistance_n / (cell.low * mux_share);
    if (for_current > ArrayCircuits::most_width_f * f) return a;
    mux_width = std::max({mux_width, for_current, std::min(for_read, ArrayCircuits::most_width_f * f)});
  }
  const bool bit_mux = s.bit_line_mux > 1, out_mux = s.output_mux > 1;
  const double mux_drain = c.drain(mux_width, 40 * f), mux_r = c.resistance_n(mux_width);
  const double latch_c = c.gate((latch_p_f + latch_n_f) * f) + c.drain(latch_n_f * f, sense_pitch_f * f) + c.drain(latch_p_f * f, sense_pitch_f * f) +
                         c.drain(isolation_f * f, sense_pitch_f * f) + c.drain(sense_mux_f * f, sense_pitch_f * f);

  // --- row decoder: one NAND2 of two predecoded lines and a chain of drivers per row ---
  const unsigned row_inputs = s.rows > 8 ? 2 : 1;
  const DecoderLines rows = decoder_lines(c, row_inputs, s.rows, line.word_c, line.word_r, 0, small);
  a.predecode_input = rows.input_capacitance;
  a.row_decoder = rows.edge.delay;
  a.decoder_leakage = rows.leakage;
  a.decoder_energy = rows.energy;
  double decoder_width = rows.line.width;
  const double array_height = s.rows * cell.height;
  if (rows.line.height > cell.height) decoder_width *= rows.line.height / cell.height;  // the decoder of a row is folded into its height

  // --- column decoders: one line per multiplexer way along all columns ---
  for (const unsigned ways : {s.bit_line_mux, s.output_mux}) {
    if (ways < 2) continue;
    const double load = s.columns / ways * c.gate(mux_width) + s.columns * cell.width * c.local.capacitance;
    const DecoderLines way = decoder_lines(c, ways > 8 ? 2 : 1, ways, load, s.columns * cell.width * c.local.resistance, 0, small);
    a.column_decoder = std::max(a.column_decoder, way.edge.delay);
    a.decoder_energy += way.energy;
    a.decoder_leakage += way.leakage;
  }

  // --- precharge: two PMOS and an equaliser per column, enabled by one chain of drivers; a current-sensed bit line is held by it between reads ---
  const double enable_load = s.columns * (c.gate((2 * precharge_f + equalise_f) * f) + cell.width * c.local.capacitance);
  const double least_gate = c.gate(ArrayCircuits::least_width_f * f * (1 + c.t.p_over_n));
  const DriverChain enable(c, 1, least_gate, enable_load, s.columns * cell.width * c.local.resistance, false);
  const double precharge_drain = c.drain(precharge_f * f, 40 * f) + c.drain(equalise_f * f, 40 * f);
  const double bit_total = line.bit_c + precharge_drain + mux_drain * (bit_mux ? 1 : 0);
  {
    // The swing of a read (sram: the sense voltage with a margin, see below) is restored through the PMOS.
    const Edge fall = enable.edge(0);
    const Edge restore = c.edge(c.resistance_p(precharge_f * f), bit_total, precharge_f * f, fall.transition);
    a.precharge = restore.delay + 0.38 * line.bit_r * line.bit_c;
  }
  a.precharge_energy = enable.energy();
  a.column_leakage =
      enable.leakage() + s.columns * (cell.sram ? 0 : c.leakage_p(precharge_f * f));  // SRAM: the line rests at the supply, nothing across the PMOS

  // --- sensing ---
  const double latch_gm = c.t.transconductance * (latch_n_f + latch_p_f) * f;
  const double latch_tau = latch_c / latch_gm;
  const double regeneration = latch_tau * cell.sense_swings;
  const unsigned amplifiers = s.sense_amplifiers();
  const double mux_load = bit_mux ? s.bit_line_mux * mux_drain + latch_c : 0;
  if (bit_mux) a.mux = 2.3 * mux_r * mux_load;
  if (out_mux) a.mux += 2.3 * mux_r * s.output_mux * mux_drain;
  a.mux_energy = (bit_mux ? amplifiers * c.swing_energy(s.bit_line_mux * mux_drain) * (cell.sense_voltage / vdd) : 0) +
                 (out_mux ? s.word_bits() * c.swing_energy(s.output_mux * mux_drain) : 0);
  a.sense = regeneration;
  a.sense_energy = amplifiers * c.swing_energy(latch_c);
  a.column_leakage += amplifiers * c.leakage_n(enable_f * f);

  if (cell.sram) {
    // The accessed side falls from the supply by the sense voltage through access and pull-down transistor, while the word line still rises (Horowitz at that level).
    const double resistance = c.resistance_n(cell.access_read) + c.resistance_n(cell.pull_down);
    const double load = bit_total + (bit_mux ? s.bit_line_mux * mux_drain : latch_c);
    const double level = 1 - cell.sense_voltage / vdd;
    a.bit_line = c.edge(resistance, load, cell.access_read, rows.edge.transition, level).delay + 0.38 * line.bit_r * line.bit_c;
    // Every column of the row discharges by the sense voltage, and is charged again from the supply.
    a.bit_line_energy = s.columns * load * vdd * cell.sense_voltage;
    // Write: drivers pull one line of a pair to ground through the multiplexer; the other columns are read; the cell flips once its word line is up.
    const double driver = c.resistance_n(mux_width) * (bit_mux ? 2 : 1);
    const double flip = 2.3 * (c.resistance_n(cell.access_read) * c.gate(cell.pull_down * 2));
    a.write_drive = 0.69 * driver * load + 0.38 * line.bit_r * line.bit_c;
    a.write_pulse = rows.edge.transition / 2 + flip;
    a.write_bit_line_energy = s.word_bits() * c.swing_energy(load) + (s.columns - s.word_bits()) * load * vdd * cell.sense_voltage;
    a.cell_leakage = cell.leakage * s.rows * s.columns;
  } else {
    const double access_r = cell.access_read > 0 ? c.resistance_n(cell.access_read) : 0;
    const double low = cell.low + access_r, high = cell.high + access_r;
    if (cell.current_sensing) {
      if (sense.fixed) {
        // Current mode: the line sees the cell at one end and a virtual ground at the other (Dong et al., ICCAD 2009).
        const double tau = line.bit_r * line.bit_c / 2 * (high + line.bit_r / 3) / (high + line.bit_r);
        a.bit_line = 0.69 * tau;
        a.sense += sense.figures.delay_s;
        a.sense_energy += amplifiers * sense.figures.energy_j;
        a.column_leakage += amplifiers * sense.figures.leakage_w;
      } else {
        // The clamp charges the line to the read voltage; then half of the difference of the two currents fills the latch's node up to the voltage it needs.
        const double clamp = 1 / (c.t.transconductance * clamp_f * f) + (bit_mux ? mux_r : 0);
        a.bit_line = settle_times * (clamp * (bit_total + mux_load) + line.bit_r * line.bit_c / 2);
        const double difference = cell.read_voltage * (1 / low - 1 / high) / 2;
        const double node = latch_c + c.drain(clamp_f * f, sense_pitch_f * f) + c.gate(clamp_f * f);  // with the mirror that turns the current
        a.sense += node * cell.sense_voltage / difference;
        a.sense_energy += amplifiers * c.swing_energy(node);
      }
      a.bit_line_energy = amplifiers * (bit_total + mux_load) * cell.read_voltage * vdd;
    } else {
      // Voltage sensing: a divider with a reference of the geometric mean, precharged to the middle.
      const double reference = std::sqrt(low * high);
      const double at_low = cell.read_voltage * low / (low + reference), at_high = cell.read_voltage * high / (high + reference);
      const double middle = (at_low + at_high) / 2, reach = middle - at_low;
      if (reach <= cell.sense_voltage) return a;
      const double source = high * reference / (high + reference);
      a.bit_line = (source * (bit_total + mux_load) + line.bit_r * line.bit_c / 2) * core::exact::log(reach / (reach - cell.sense_voltage));
      a.bit_line_energy = amplifiers * (bit_total + mux_load) * cell.read_voltage * vdd;
    }
    // Word lines come up before the line settles; the access device may need its own time.
    a.bit_line += cell.read_delay;
    // Cell and reference carry the read current while the amplifier looks.
    a.cell_read_energy = 2.0 * amplifiers * cell.read_power * (a.sense + a.bit_line);
    // The pulse counts from half of the line's swing.
    a.write_drive = 0.69 * mux_r * ((bit_mux ? 1 : 0) + (out_mux ? 1 : 0) + 1) * (bit_total + mux_load) + 0.38 * line.bit_r * line.bit_c;
    a.write_pulse = cell.write_pulse;
    a.write_bit_line_energy = s.word_bits() * (bit_total + mux_load) * cell.write_voltage * cell.write_voltage;
    a.cell_write_energy = s.word_bits() * cell.write_energy;
  }

  // --- layout ---
  const double cell_pitch_f = cell.width / f;
  double columns_height = stack_height_f({precharge_f, precharge_f, equalise_f}, cell_pitch_f) * f;
  const Footprint pass = c.transistor_footprint(mux_width, cell.width);  // one per column, folded into it
  const double pass_height = pass.width * pass.height / cell.width;
  if (bit_mux) columns_height += pass_height;
  if (out_mux) columns_height += pass_height / s.bit_line_mux;
  columns_height +=
      (stack_height_f({latch_p_f, latch_p_f, isolation_f, latch_n_f, latch_n_f, enable_f}, sense_pitch_f) + 8 * std::min(1.0, isolation_f / sense_pitch_f)) * f;
  if (cell.current_sensing) columns_height += converter_f2 * f / sense_pitch_f;
  const double array_width = s.columns * cell.width;
  a.footprint = {array_width + decoder_width, array_height + columns_height};
  a.cells_area = array_width * array_height;
  a.decoder_area = decoder_width * array_height;
  a.column_area = a.footprint.area() - a.cells_area - a.decoder_area;
  a.works = true;
  return a;
}

}  // namespace spinvp::technology
