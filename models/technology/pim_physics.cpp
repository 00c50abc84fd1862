#include "models/technology/pim_physics.h"

namespace spinvp::technology {

namespace {
constexpr const char* wang =
    "published: Wang et al. 2018, p-SOT cell at 28 nm (table and figure read): MTJ 40 x 40 nm, track 40 x 60 x 2 nm, RA 10, TMR 120 %, 1.1 V";
constexpr const char* floatpim = "published: FloatPIM, ISCA 2019 (two independent digests): Ron 10 kOhm, Roff 10 MOhm, 28 nm";
constexpr const char* bitlet = "published: Bitlet model draft, table 10, which gives 1.1 ns as FloatPIM's value; high: the 300 MHz of AritPIM";
constexpr const char* recalled = "assumed: recalled as FloatPIM's value, not read in it";
constexpr const char* wires = "assumed: copper at 28 nm with barrier and scattering; lines that carry write currents are drawn wide";
constexpr const char* transistor = "assumed: a high-performance 28 nm transistor";
}  // namespace

const std::vector<PimPhysicsField>& pim_physics_fields() {
  using P = PimPhysics;
  static const std::vector<PimPhysicsField> fields = {
      {&P::feature_nm, "feature", "nm", 28, 28, floatpim},
      {&P::supply_v, "supply_voltage", "V", 0.9, 1.2, wang},
      {&P::wire_resistivity_uohm_cm, "wire_resistivity", "uOhm cm", 3, 6, wires},
      {&P::wire_capacitance_ff_um, "wire_capacitance", "fF/um", 0.15, 0.25, wires},
      {&P::wire_width_f, "wire_width", "F", 1, 3, wires},
      {&P::wire_thickness_f, "wire_thickness", "F", 3, 3, wires},
      {&P::gate_capacitance_ff_um, "gate_capacitance", "fF/um", 0.8, 1.2, transistor},
      {&P::drain_capacitance_ff_um, "drain_capacitance", "fF/um", 0.4, 0.8, transistor},
      {&P::access_width_f, "access_width", "F", 4, 8, "assumed: wide enough for the write current at about 1 mA/um"},
      {&P::access_resistance_ohm_um, "access_resistance", "Ohm um", 800, 1500, transistor},
      {&P::decoder_ns, "decoder_delay", "ns", 0.05, 0.2, "assumed: predecoder and word-line driver of 1024 rows"},
      {&P::sense_amplifier_ns, "sense_amplifier_delay", "ns", 0.1, 0.4, "assumed: a latch-type sense amplifier at 28 nm"},
      {&P::sense_amplifier_fj, "sense_amplifier_energy", "fJ", 2, 20, "assumed: a latch-type sense amplifier at 28 nm, one decision"},
      {&P::sense_margin_mv, "sense_margin", "mV", 25, 50, "published: SOT cell file for NVSim, minimum sense voltage 25 mV"},
      {&P::clamp_resistance_ohm, "clamp_resistance", "Ohm", 500, 2000, "assumed: the transistor that holds a bit line at the read voltage"},
      {&P::sense_node_ff, "sense_node", "fF", 5, 20, "assumed: input of the sense amplifier behind the clamp"},
      {&P::sot_cell_f2, "sot_cell", "F2", 30, 81.5,
       "assumed: one wide access transistor and a strip; 30 to 80 F2 are usual, 81.5 is the published two-transistor cell"},
      {&P::sot_track_width_nm, "sot_track_width", "nm", 40, 40, wang},
      {&P::sot_track_length_nm, "sot_track_length", "nm", 60, 60, wang},
      {&P::sot_track_thickness_nm, "sot_track_thickness", "nm", 2, 3, wang},
      {&P::sot_resistivity_uohm_cm, "sot_track_resistivity", "uOhm cm", 160, 250, wang},
      {&P::sot_spin_hall_angle, "sot_spin_hall_angle", "", 0.2, 0.4, wang},
      {&P::sot_magnetisation_a_m, "sot_magnetisation", "A/m", 8e5, 1.2e6, wang},
      {&P::sot_anisotropy_field_a_m, "sot_anisotropy_field", "A/m", 1.0e5, 1.6e5, wang},
      {&P::sot_free_layer_nm, "sot_free_layer", "nm", 1, 1, wang},
      {&P::sot_pulse_ns, "sot_pulse", "ns", 0.4, 2, "assumed: between the published 0.4 ns (Wang 2018) and the 2 ns recalled of arXiv 2003.01551"},
      {&P::sot_incubation_ns, "sot_charge_time", "ns", 0.2, 0.5, "assumed: charge rule of sub-nanosecond switching, q = Ic0 x 0.2..0.5 ns"},
      {&P::sot_ra_ohm_um2, "sot_ra", "Ohm um2", 5, 20, wang},
      {&P::sot_tmr, "sot_tmr", "", 0.9, 1.5, wang},
      {&P::sot_tmr_half_v, "sot_tmr_half_voltage", "V", 0.4, 0.6, "assumed: TMR falls to half at this bias"},
      {&P::sot_read_v, "sot_read_voltage", "V", 0.1, 0.3, "assumed: well below what a barrier ages at; the published NVSim cell reads at 0.25 V"},
      {&P::memristor_cell_f2, "memristor_cell", "F2", 4, 53, "derived: 3136 um2 for 1 Mbit at 28 nm is 4 F2, a crossbar; 30 to 53 F2 with a transistor"},
      {&P::memristor_on_ohm, "memristor_on", "Ohm", 1e4, 1e4, floatpim},
      {&P::memristor_off_ohm, "memristor_off", "Ohm", 1e7, 1e7, floatpim},
      {&P::nor_v, "nor_voltage", "V", 1, 1, recalled},
      {&P::set_v, "set_voltage", "V", 2, 2, recalled},
      {&P::nor_ns, "nor_time", "ns", 1.1, 3.33, bitlet},
      {&P::set_ns, "set_time", "ns", 1.0, 1.1, "published: memristor switching of about 1 ns (FloatPIM digests)"},
      {&P::nor_device_fj, "nor_device_energy", "fJ", 0.29, 1.3, "published: Bitlet draft, table 10; high: independent SPICE (Xyce, VTEAM) 1.30 fJ a NOR"},
      {&P::set_device_fj, "set_device_energy", "fJ", 3.2, 23.8,
       "assumed: recalled as FloatPIM's 23.8 fJ, supported by DUAL's 8-bit add; low: independent SPICE 3.2 fJ"},
      {&P::memristor_search_ns, "memristor_search_time", "ns", 1.1, 1.5, recalled},
      {&P::memristor_search_pj, "memristor_search_energy", "pJ", 2, 8, recalled},
      {&P::memristor_read_v, "memristor_read_voltage", "V", 0.1, 0.3, "assumed: below every threshold of the device"},
      {&P::sram_cell_f2, "sram_cell", "F2", 146, 200, "published: NVSim SRAM cell, 146 F2; compute arrays use 8T cells up to 200"},
      {&P::sram_swing_v, "sram_bit_line_swing", "V", 0.1, 0.3, "assumed: swing before the sense amplifier fires"},
      {&P::sram_write_ns, "sram_write_time", "ns", 0.2, 0.5, "assumed: full-swing bit line and cell flip at 28 nm"},
      {&P::sram_flip_fj, "sram_flip_energy", "fJ", 0.3, 1, "assumed: internal nodes of a 6T cell"},
      {&P::sram_cell_leakage_nw, "sram_cell_leakage", "nW", 0.1, 100,
       "derived: NVSim rev 131 sweep, 22 nm LOP, 350 K: 31 mW for 1 MiB; four orders of magnitude in the literature"},
      {&P::searched_rows, "searched_rows", "", 8, 8, "derived: the key of the published content searches, an exponent of fp32"},
      {&P::column_circuit_f2, "column_circuit", "F2", 1500, 6000, "assumed: sense amplifier, latch, match latch and write driver of a column"},
      {&P::row_circuit_f2, "row_circuit", "F2", 250, 1000, "assumed: decoder gate and row driver"},
      {&P::column_leakage_nw, "column_leakage", "nW", 1, 100, "assumed: some ten low-leakage transistors at 350 K"},
      {&P::row_leakage_nw, "row_leakage", "nW", 0.1, 10, "assumed: a decoder gate and a row driver at 350 K"},
      {&P::step_control_pj, "step_control", "pJ", 1, 10, "derived: 32 control bits over 1 mm at 0.1 pJ a bit and mm (assumed), for each step of a subarray"},
  };
  return fields;
}

}  // namespace spinvp::technology
