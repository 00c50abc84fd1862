// Published magnetic devices, each constant with its source: what a paper or a public model prints, and what it leaves out as an assumption of ours that says so.
//
//   wang-2018-p-sot   28 nm, perpendicular SOT cell (Wang et al. 2018)            Delta 32 as a square, 25 as a disc; I_c 68 uA where the paper prints 25
//   wang-2018-i-sot   the same paper's in-plane cell
//   sot-perpendicular ours: the p-SOT cell made tunable (interface anisotropy, finite spin diffusion length); the default of tuning
//   vgsot             public VGSOT model: antiferromagnetic track, thick barrier  Delta 30.3
//   sot-stt-compact   public SOT_STT_compact_model, 50 x 50 nm
//   arm-stt           defaults of Arm's MRAM framework                            Delta of about 200: far more than a product would carry
//   stt-perpendicular ours: a 50 nm STT junction of Delta 60; the default of tuning for STT
#pragma once

#include <string>
#include <vector>

#include "models/technology/magnetic_junction.h"

namespace spinvp::technology {

const std::vector<std::string>& device_preset_names();
// Another name throws core::InputError with the list.
MagneticJunction device_preset(const std::string& name);

}  // namespace spinvp::technology
