#include "models/technology/array_bank.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace spinvp::technology {

using Branch = RepeatedWire::Branch;

unsigned log2_of(std::uint64_t power_of_two) { return static_cast<unsigned>(std::countr_zero(power_of_two)); }

ArrayMat design_mat(const ArrayCircuits& c, const Subarray& subarray, const ArrayOrganisation& o, bool small) {
  ArrayMat m;
  const double width = subarray.footprint.width * o.subarray_columns, height = subarray.footprint.height * o.subarray_rows;
  // Row decoders stand along the spine: from its middle to the far row.
  const double reach = height / 2;
  const double wire_c = reach * c.intermediate.capacitance, wire_r = reach * c.intermediate.resistance;
  const unsigned row_bits = log2_of(o.rows);
  const unsigned driven = o.active_subarray_rows * o.active_subarray_columns;
  double lines = 0;
  auto block = [&](unsigned bits, double gates) {
    if (bits == 0) return;
    const Predecoder p = predecoder(c, bits, wire_c + gates * driven * subarray.predecode_input, wire_r, small);
    m.predecode = std::max(m.predecode, p.edge.delay);
    m.predecode_energy += p.energy;
    m.predecode_leakage += p.leakage;
    m.predecode_area += p.area;
    lines += static_cast<double>(1u << bits);
  };
  // Two blocks of half of the row address each beyond 8 rows; a line of one drives the gates of all rows with that part of the address.
  if (row_bits > 3) {
    const unsigned second = row_bits / 2, first = row_bits - second;
    block(first, 1u << second);
    block(second, 1u << first);
  } else {
    block(row_bits, 1);
  }
  block(log2_of(o.bit_line_mux), 1);
  block(log2_of(o.output_mux), 1);
  m.footprint = {width, height};
  // A spine through the mat holds the predecoders and, between subarrays, the predecoded lines.
  const double spine = m.predecode_area / height + (o.subarray_columns > 1 ? lines * c.intermediate.pitch : 0);
  m.footprint.width += spine;
  return m;
}

ArrayBank design_bank(const RepeatedWire& wire, const Subarray& s, const ArrayMat& mat, const ArrayOrganisation& o, unsigned address_bits, unsigned word_bits,
                      double activity, bool plain) {
  const double wires = plain ? 1 : 2;  // of a data bit
  struct Level {
    bool across;
    double address, data;  // bits
    double branches;       // all of this level
    double active;         // of them, in an access
    unsigned nth;          // of its direction
    bool chosen;           // an address bit chooses the half that the bundle goes on to
    double beside;         // bundles of this level that lie beside each other, and widen the bank once each
  };
  std::array<Level, 40> levels;
  unsigned count = 0;
  unsigned across_left = log2_of(o.mat_columns), up_left = log2_of(o.mat_rows), across_done = 0, up_done = 0;
  double address = address_bits, data = word_bits, branches = 1, active = 1;
  unsigned active_columns = o.active_mat_columns, active_rows = o.active_mat_rows;
  while (across_left + up_left > 0) {
    const bool across = across_left >= up_left;
    unsigned& takes_part = across ? active_columns : active_rows;
    const double beside = across ? static_cast<double>(1u << up_done) : static_cast<double>(across_done > 1 ? 1u << (across_done - 1) : 1u);
    levels[count++] = {across, address, data, branches, active, across ? across_done : up_done, takes_part == 1, beside};
    if (takes_part > 1) {
      takes_part /= 2;
      data /= 2;
      active *= 2;
    } else {
      address -= 1;
    }
    branches *= 2;
    (across ? across_left : up_left)--;
    (across ? across_done : up_done)++;
  }
  ArrayBank b;
  // A wire's length takes the width of the mats alone; a channel is as wide as its repeaters' area over its length.
  const double width = mat.footprint.width * o.mat_columns, height = mat.footprint.height * o.mat_rows;
  double extra_width = 0, extra_height = 0;
  for (unsigned i = 0; i < count; ++i) {
    const Level& l = levels[i];
    const double length = l.across ? width / static_cast<double>(2u << l.nth) : height / static_cast<double>(4u << l.nth);
    (l.across ? extra_height : extra_width) += l.beside * (l.address + wires * l.data) * wire.segment(length).area / length;
  }
  b.footprint = {width + extra_width, height + extra_height};
  for (unsigned i = 0; i < count; ++i) {
    const Level& l = levels[i];
    const double length = l.across ? b.footprint.width / static_cast<double>(2u << l.nth) : b.footprint.height / static_cast<double>(4u << l.nth);
    // The address forks at every level, data on the way in forks and on the way out merges where one half is chosen, and splits where both take part.
    const RepeatedWire::Segment address_in = wire.segment(length, plain ? Branch::none : Branch::fork);
    const RepeatedWire::Segment data_in = wire.segment(length, l.chosen && !plain ? Branch::fork : Branch::none);
    const RepeatedWire::Segment data_out = wire.segment(length, l.chosen && !plain ? Branch::merge : Branch::none);
    b.tree_in += address_in.delay;
    b.tree_out += data_out.delay;
    b.tree_read_energy += (address_in.energy * l.address + data_out.energy * l.data) * l.active * activity;
    b.tree_write_energy += (address_in.energy * l.address + data_in.energy * l.data) * l.active * activity;
    b.tree_leakage += address_in.leakage * (l.address + wires * l.data) * l.branches;
  }
  const double mats = static_cast<double>(o.mat_rows) * o.mat_columns, active_mats = static_cast<double>(o.active_mat_rows) * o.active_mat_columns;
  const double in_mat = static_cast<double>(o.subarray_rows) * o.subarray_columns,
               active_in_mat = static_cast<double>(o.active_subarray_rows) * o.active_subarray_columns;
  b.read_latency = b.tree_in + mat.predecode + s.read_latency() + b.tree_out;
  b.write_latency = b.tree_in + mat.predecode + s.write_latency();
  b.read_energy = b.tree_read_energy + active_mats * (mat.predecode_energy + active_in_mat * s.read_energy());
  b.write_energy = b.tree_write_energy + active_mats * (mat.predecode_energy + active_in_mat * s.write_energy());
  b.leakage = b.tree_leakage + mats * (mat.predecode_leakage + in_mat * s.leakage());
  return b;
}

}  // namespace spinvp::technology
