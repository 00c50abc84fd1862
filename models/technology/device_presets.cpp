#include "models/technology/device_presets.h"

#include <functional>
#include <utility>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/exact_math.h"

namespace spinvp::technology {

using namespace core::literals;
using namespace literals;

namespace {

constexpr const char* wang = "published: Wang et al., IEEE Trans. Magn. 2018, p-SOT cell at 28 nm (table and figure)";
constexpr const char* wang_in_plane = "published: Wang et al., IEEE Trans. Magn. 2018, i-SOT cell at 28 nm (figure)";
constexpr const char* wang_shared = "assumed: as in the p-SOT cell of the same paper";
constexpr const char* vgsot_code = "published: vgsot_python_model, constants";
constexpr const char* compact_code = "published: SOT_STT_compact_model (commit 687a4cb), parameters of the Verilog-A file";
constexpr const char* arm_code = "published: Arm mram_simulation_framework, defaults of the s-LLGS solver";
constexpr const char* ours = "assumed: ours, of the order of published perpendicular CoFeB junctions";

// Sets each number once, in the device and in its list of constants.
class Device {
 public:
  explicit Device(const char* name, WriteMechanism write) {
    junction_.name = name;
    junction_.write = write;
  }
  MagneticJunction& operator*() { return junction_; }
  MagneticJunction* operator->() { return &junction_; }

  template <class Unit>
  Device& set(Unit& field, Unit value, Unit unit, const char* unit_text, const char* name, const char* source) {
    field = value;
    return note(name, value.in(unit), unit_text, source);
  }
  Device& set(double& field, double value, const char* name, const char* source) {
    field = value;
    return note(name, value, "", source);
  }
  Device& note(const char* name, double value, const char* unit, std::string source) {
    junction_.constants.push_back({name, value, unit, std::move(source)});
    return *this;
  }

  Device& size(core::Length length, core::Length width, core::Length thickness, const char* source) {
    set(junction_.layer.length, length, 1_nm, "nm", "free_layer_length", source);
    set(junction_.layer.width, width, 1_nm, "nm", "free_layer_width", source);
    return set(junction_.layer.thickness, thickness, 1_nm, "nm", "free_layer_thickness", source);
  }
  Device& track(core::Length length, core::Length width, core::Length thickness, Resistivity resistivity, double angle, const char* source) {
    set(junction_.track.length, length, 1_nm, "nm", "track_length", source);
    set(junction_.track.width, width, 1_nm, "nm", "track_width", source);
    set(junction_.track.thickness, thickness, 1_nm, "nm", "track_thickness", source);
    set(junction_.track.resistivity, resistivity, 1_uOhm_cm, "uOhm cm", "track_resistivity", source);
    return set(junction_.track.spin_hall_angle, angle, "spin_hall_angle", source);
  }
  Device& barrier(AreaResistance resistance_area, double magnetoresistance, const char* source) {
    set(junction_.barrier.resistance_area, resistance_area, 1_Ohm_um2, "Ohm um2", "resistance_area", source);
    return set(junction_.barrier.magnetoresistance, magnetoresistance, "magnetoresistance", source);
  }

  // What no source gives: the values that the structs hold unless a device set its own, listed so that results show them.
  MagneticJunction finish() {
    const FreeLayer& layer = junction_.layer;
    rest("attempt_time", layer.attempt_time.in(1_ns), "ns", "published: 1 ns, SCOPE device library");
    rest("bloch_constant", layer.bloch.si(), "K", "assumed: recalled for thin CoFeB, differs from stack to stack");
    rest("anisotropy_exponent", layer.anisotropy_exponent, "",
         "assumed: recalled for CoFeB/MgO, between the 2 of a two-site and the 3 of a single-site anisotropy");
    rest("reference_temperature", layer.reference.si(), "K", "assumed: the sources give room-temperature values");
    rest("tmr_half_voltage", junction_.barrier.half_bias.in(1_V), "V", "assumed: TMR falls to half at this bias; 0.5 V is published for the VGSOT model");
    rest("polarisation_slope", junction_.barrier.polarisation_slope, "1/K^1.5", "assumed: order of magnitude of CoFeB/MgO");
    rest("spin_transfer_efficiency", junction_.spin_transfer_efficiency, "", "assumed: between P / 2 and P of a CoFeB/MgO junction");
    if (junction_.write == WriteMechanism::spin_orbit) {
      rest("sot_charge_time", junction_.track.charge_time.in(1_ns), "ns", "assumed: recalled, charge rule q = I_c0 x 0.2 .. 0.5 ns");
      rest("sot_error_slope", junction_.track.error_slope.si() * 1e-9, "1/ns", "assumed: ours, no law or measurement is known; for studies of sensitivity");
      rest("spin_diffusion_length", junction_.track.spin_diffusion_length.in(1_nm), "nm",
           "assumed: zero, the spin Hall angle given is that of the track as it is");
      rest("assist_field", junction_.track.assist_field.si(), "A/m",
           "assumed: none; a field-free cell gets its symmetry breaking from elsewhere at no cost here");
    }
    return std::move(junction_);
  }

 private:
  void rest(const char* name, double value, const char* unit, const char* source) {
    for (const core::Constant& c : junction_.constants)
      if (c.name == name) return;
    note(name, value, unit, source);
  }
  MagneticJunction junction_;
};

MagneticJunction wang_perpendicular() {
  Device d("wang-2018-p-sot", WriteMechanism::spin_orbit);
  d->layer.shape = ElementShape::rectangle;
  d.size(40_nm, 40_nm, 1_nm, "published: Wang et al., IEEE Trans. Magn. 2018, p-SOT cell; taken as a square: a disc has a Delta of 25.4");
  d.set(d->layer.saturation, 1e6_A_per_m, 1_A_per_m, "A/m", "saturation", wang);
  d.set(d->layer.effective_field, 1.33e5_A_per_m, 1_A_per_m, "A/m", "effective_field", wang);
  d.set(d->layer.damping, 0.02, "damping", wang);
  d.track(60_nm, 40_nm, 2_nm, 200_uOhm_cm, 0.3, wang);
  d.barrier(10_Ohm_um2, 1.2, wang);
  return d.finish();
}

MagneticJunction wang_in_plane_cell() {
  Device d("wang-2018-i-sot", WriteMechanism::spin_orbit);
  d->layer.easy_axis = EasyAxis::in_plane;
  d.size(60_nm, 120_nm, 2_nm, "published: Wang et al., IEEE Trans. Magn. 2018, i-SOT cell; taken as an ellipse, its long axis across the current");
  d.set(d->layer.saturation, 1e6_A_per_m, 1_A_per_m, "A/m", "saturation", wang_shared);
  d.set(d->layer.effective_field, 1.87e4_A_per_m, 1_A_per_m, "A/m", "effective_field", wang_in_plane);
  d.set(d->layer.damping, 0.02, "damping", wang_shared);
  d.track(140_nm, 120_nm, 2_nm, 200_uOhm_cm, 0.3,
          "published: Wang et al. 2018, i-SOT cell: track 120 x 140 x 2 nm; resistivity and angle assumed as in its p-SOT cell");
  d.barrier(10_Ohm_um2, 1.2, wang_shared);
  return d.finish();
}

MagneticJunction sot_perpendicular() {
  const MagneticJunction cell = wang_perpendicular();
  Device d("sot-perpendicular", WriteMechanism::spin_orbit);
  d->layer.shape = cell.layer.shape;
  d.size(cell.layer.length, cell.layer.width, cell.layer.thickness, wang);
  d.set(d->layer.saturation, cell.layer.saturation, 1_A_per_m, "A/m", "saturation", wang);
  // K_i = t (mu0 Ms Hk / 2 + mu0 (Nz - Nx) Ms^2 / 2): the same field at the published thickness.
  const Demagnetisation n = demagnetisation(cell.layer);
  const double ms = cell.layer.saturation.si();
  const double surface = cell.layer.thickness.si() * physics::vacuum_permeability / 2 * ms * (cell.layer.effective_field.si() + (n.across - n.in_plane) * ms);
  d.set(d->layer.interface_anisotropy, SurfaceEnergy::from_si(surface), 1_mJ_per_m2, "mJ/m2", "interface_anisotropy",
        "derived: what gives the published Hk_eff of Wang 2018's p-SOT cell at its thickness of 1 nm");
  d.set(d->layer.damping, cell.layer.damping, "damping", wang);
  constexpr core::Length diffusion = 1.5_nm;
  const double bulk = cell.track.spin_hall_angle / (1 - 1 / core::exact::cosh(cell.track.thickness / diffusion));
  d.track(cell.track.length, cell.track.width, cell.track.thickness, cell.track.resistivity, bulk,
          "derived: Wang 2018's p-SOT track; its angle of 0.3 taken as that of a 2 nm track with the spin diffusion length below");
  d.set(d->track.spin_diffusion_length, diffusion, 1_nm, "nm", "spin_diffusion_length", "assumed: recalled order of beta-tungsten");
  d.barrier(30_Ohm_um2, cell.barrier.magnetoresistance,
            "assumed: ours: no write current crosses the barrier, so it may be thicker than the published 10 Ohm um2, which lets reads disturb; TMR published, "
            "Wang 2018");
  return d.finish();
}

MagneticJunction vgsot() {
  Device d("vgsot", WriteMechanism::spin_orbit);
  d.size(50_nm, 50_nm, 1.1_nm, vgsot_code);
  d.set(d->layer.saturation, 0.625e6_A_per_m, 1_A_per_m, "A/m", "saturation", vgsot_code);
  d.set(d->layer.interface_anisotropy, 0.32_mJ_per_m2, 1_mJ_per_m2, "mJ/m2", "interface_anisotropy", vgsot_code);
  d.set(d->layer.damping, 0.05, "damping", vgsot_code);
  d.track(60_nm, 50_nm, 3_nm, 278_uOhm_cm, 0.25, vgsot_code);
  d.set(d->track.field_like_ratio, 0.83, "field_like_ratio", vgsot_code);
  // 50 Oe of exchange bias along the current.
  d.set(d->track.assist_field, MagneticField::from_si(50 * 1000 / (4 * physics::pi)), 1_A_per_m, "A/m", "assist_field", vgsot_code);
  d.barrier(650_Ohm_um2, 1.0, vgsot_code);
  d.set(d->barrier.reference_thickness, 1.4_nm, 1_nm, "nm", "barrier_thickness", vgsot_code);
  d.set(d->barrier.height, 0.4_V, 1_V, "V", "barrier_height", vgsot_code);
  d.set(d->barrier.half_bias, 0.5_V, 1_V, "V", "tmr_half_voltage", vgsot_code);
  d.set(d->spin_transfer_efficiency, 0.58, "spin_transfer_efficiency", "assumed: the spin polarisation P of the published model");
  return d.finish();
}

MagneticJunction compact() {
  Device d("sot-stt-compact", WriteMechanism::spin_orbit);
  d->layer.shape = ElementShape::rectangle;
  d.size(50_nm, 50_nm, 0.6_nm, compact_code);
  d.set(d->layer.saturation, 1e6_A_per_m, 1_A_per_m, "A/m", "saturation", compact_code);
  constexpr double uniaxial_tesla = 1.5;  // before demagnetisation
  d.set(d->layer.interface_anisotropy, SurfaceEnergy::from_si(uniaxial_tesla * d->layer.saturation.si() * d->layer.thickness.si() / 2), 1_mJ_per_m2, "mJ/m2",
        "interface_anisotropy", "derived: K_i = B_k Ms t / 2 of the published uniaxial field of 1.5 T, which is before demagnetisation");
  d.set(d->layer.damping, 0.01, "damping", compact_code);
  d.track(55_nm, 55_nm, 4_nm, 200_uOhm_cm, 0.2, compact_code);
  constexpr core::Resistance parallel = 2_kOhm;
  d.barrier(parallel * d->layer.area(), 1.5, "derived: published parallel resistance of 2 kOhm x area; TMR published in the same file");
  d.set(d->spin_transfer_efficiency, 0.4, "spin_transfer_efficiency", "assumed: the polarisation of the published model");
  return d.finish();
}

MagneticJunction arm() {
  Device d("arm-stt", WriteMechanism::spin_transfer);
  d.size(50_nm, 50_nm, 1_nm, arm_code);
  d.set(d->layer.saturation, 0.97e6_A_per_m, 1_A_per_m, "A/m", "saturation", arm_code);
  d.set(d->layer.interface_anisotropy, 1_mJ_per_m2, 1_mJ_per_m2, "mJ/m2", "interface_anisotropy", arm_code);
  d.set(d->layer.damping, 0.005, "damping", arm_code);
  constexpr core::Resistance parallel = 6_kOhm;
  constexpr double polarisation = 0.75;
  d.barrier(parallel * d->layer.area(), 2 * polarisation * polarisation / (1 - polarisation * polarisation),
            "derived: published parallel resistance of 6 kOhm x area; TMR = 2 P^2 / (1 - P^2) of the published P = 0.75");
  d.set(d->barrier.reference_thickness, 1.6_nm, 1_nm, "nm", "barrier_thickness", arm_code);
  return d.finish();
}

MagneticJunction stt_perpendicular() {
  Device d("stt-perpendicular", WriteMechanism::spin_transfer);
  d.size(50_nm, 50_nm, 1.2_nm, ours);
  d.set(d->layer.saturation, 1e6_A_per_m, 1_A_per_m, "A/m", "saturation", ours);
  d.set(d->layer.interface_anisotropy, 0.84_mJ_per_m2, 1_mJ_per_m2, "mJ/m2", "interface_anisotropy", "assumed: ours, for a Delta of about 60 at 300 K");
  d.set(d->layer.damping, 0.01, "damping", ours);
  d.barrier(10_Ohm_um2, 1.5, ours);
  return d.finish();
}

const std::vector<std::pair<std::string, std::function<MagneticJunction()>>>& presets() {
  static const std::vector<std::pair<std::string, std::function<MagneticJunction()>>> all = {{"wang-2018-p-sot", wang_perpendicular},
                                                                                             {"wang-2018-i-sot", wang_in_plane_cell},
                                                                                             {"sot-perpendicular", sot_perpendicular},
                                                                                             {"vgsot", vgsot},
                                                                                             {"sot-stt-compact", compact},
                                                                                             {"arm-stt", arm},
                                                                                             {"stt-perpendicular", stt_perpendicular}};
  return all;
}

}  // namespace

const std::vector<std::string>& device_preset_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& preset : presets()) all.push_back(preset.first);
    return all;
  }();
  return names;
}

MagneticJunction device_preset(const std::string& name) {
  for (const auto& [known, make] : presets())
    if (known == name) return make();
  throw core::InputError(fmt::format("magnetic device: no device is called '{}', allowed are {}", name, fmt::join(device_preset_names(), ", ")),
                         core::ExitStatus::usage);
}

}  // namespace spinvp::technology
