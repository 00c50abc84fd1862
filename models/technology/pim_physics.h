// The constants that a processing-in-memory array's figures follow from, each with a low and a high value and its source. All SI but where the unit says otherwise.
//
// Nothing here is solved backwards from a headline. Values that were only recalled of a paper, never read in it, say so: they are assumptions of ours.
#pragma once

#include <string>
#include <vector>

namespace spinvp::technology {

struct PimPhysics {
  // Node and wires
  double feature_nm = 28;
  double supply_v = 1.1;
  double wire_resistivity_uohm_cm = 4;
  double wire_capacitance_ff_um = 0.2;
  double wire_width_f = 2, wire_thickness_f = 3;
  double gate_capacitance_ff_um = 1.0, drain_capacitance_ff_um = 0.6;
  double access_width_f = 6;
  double access_resistance_ohm_um = 1100;
  double decoder_ns = 0.1, sense_amplifier_ns = 0.2, sense_amplifier_fj = 5, sense_margin_mv = 25;
  double clamp_resistance_ohm = 1000, sense_node_ff = 10;
  // SOT cell
  double sot_cell_f2 = 50;
  double sot_track_width_nm = 40, sot_track_length_nm = 60, sot_track_thickness_nm = 2, sot_resistivity_uohm_cm = 200;
  double sot_spin_hall_angle = 0.3, sot_magnetisation_a_m = 1e6, sot_anisotropy_field_a_m = 1.33e5, sot_free_layer_nm = 1;
  double sot_pulse_ns = 1, sot_incubation_ns = 0.35;
  double sot_ra_ohm_um2 = 10, sot_tmr = 1.2, sot_tmr_half_v = 0.5, sot_read_v = 0.2;
  // Memristor
  double memristor_cell_f2 = 4;
  double memristor_on_ohm = 1e4, memristor_off_ohm = 1e7;
  double nor_v = 1, set_v = 2;
  double nor_ns = 1.1, set_ns = 1.0, nor_device_fj = 0.29, set_device_fj = 23.8;
  double memristor_search_ns = 1.5, memristor_search_pj = 5.34;
  double memristor_read_v = 0.2;
  // SRAM
  double sram_cell_f2 = 146, sram_swing_v = 0.15, sram_write_ns = 0.3, sram_flip_fj = 0.5;
  double sram_cell_leakage_nw = 3.7;
  // Around the array; a content search of a key senses each column or lane once
  double searched_rows = 8;
  double column_circuit_f2 = 3000, row_circuit_f2 = 500;
  double column_leakage_nw = 10, row_leakage_nw = 1;
  double step_control_pj = 3.2;

  friend bool operator==(const PimPhysics&, const PimPhysics&) = default;
};

struct PimPhysicsField {
  double PimPhysics::*member;
  const char* name;
  const char* unit;
  double low, high;    // equal to the nominal value: not uncertain at this place
  const char* source;  // begins with published:, derived: or assumed:
};
const std::vector<PimPhysicsField>& pim_physics_fields();

}  // namespace spinvp::technology
