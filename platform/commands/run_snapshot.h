// `--save-at MARKER --snapshot FILE` and `--restore FILE`, with `--what-if path=value`: a run that is saved at a marker and goes on from there, as often as one likes (docs/snapshots.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/error.h"
#include "platform/report/report_json.h"
#include "platform/soc/snapshot_file.h"
#include "platform/soc/soc.h"

namespace spinvp::platform {

struct SnapshotRequest {
  std::optional<std::string> save_at, file;  // both or none
  std::optional<std::string> restore;
  std::vector<std::string> what_if;  // path=value: assignments that hold from the marker on
};

// The configuration of a run that goes on from a snapshot, and what of it is another than in the saved run.
struct WhatIf {
  PlatformConfig config;
  std::vector<std::string> changes;  // `devices.npu.rows: 64 in place of 128`
};
// `saved`: the configuration without the assignments. Throws core::InputError, also for a field that saved state depends on.
WhatIf apply_what_if(ConfigRequest request, const std::vector<std::string>& assignments, const PlatformConfig& saved);

// `boot`, `train/step` or `step@3`: a region by its name, or by its whole path where there is a '/', and which of its openings. `function:main`: the first call of a function.
struct SnapshotMarker {
  std::string name;
  bool function = false;
  std::uint64_t occurrence = 1;
  // Throws core::InputError (usage).
  explicit SnapshotMarker(const std::string& text);
  [[nodiscard]] bool matches(const core::Regions& regions, core::RegionId id) const;
};

// A snapshot to go on from, that fits this run.
class Restoration {
 public:
  // `identity` is this run's. Throws core::InputError naming the differences, core::FileError.
  Restoration(const std::string& path, const nlohmann::ordered_json& identity);
  [[nodiscard]] core::SimTime at() const { return at_; }
  // The image of non-volatile memory that the saved run began with.
  [[nodiscard]] const std::optional<Artifact>& nvm_image() const { return nvm_image_; }
  // Lets the platform's harts stand still until resume(). Before the simulation starts.
  static void hold(Soc& soc);
  // Once the kernel has reached at(): returns what the guest had written.
  std::string resume(core::Simulation& simulation, Soc& soc);
  // Which snapshot, and of when.
  [[nodiscard]] std::string about() const;

 private:
  std::string path_;
  SnapshotFile file_;
  core::SimTime at_;
  std::string marker_;
  std::optional<Artifact> nvm_image_;
};

// Watches for the marker and saves.
class SnapshotWatch {
 public:
  // The simulation and the Soc outlive it. Throws core::InputError, core::FileError where the file cannot be written.
  SnapshotWatch(core::Simulation& simulation, Soc& soc, const SnapshotRequest& request, const ElfImage& image, nlohmann::ordered_json identity,
                std::optional<Artifact> nvm_image);
  SnapshotWatch(const SnapshotWatch&) = delete;
  SnapshotWatch& operator=(const SnapshotWatch&) = delete;
  void guest_text(std::string_view text) { console_ += text; }
  // Once the run has ended: what was saved, in one line. Throws core::InputError or core::FileError if nothing was.
  std::string finish() const;

 private:
  core::Simulation& simulation_;
  Soc& soc_;
  std::string marker_text_, path_;
  SnapshotMarker marker_;
  nlohmann::ordered_json identity_;
  std::optional<Artifact> nvm_image_;
  std::string console_;
  std::uint64_t openings_ = 0;
  std::string saved_, refusal_;  // one line; why the last opening was no quiescent moment
  std::optional<core::FileError> failure_;

  [[nodiscard]] bool over() const { return !saved_.empty() || failure_; }
  void opened(core::RegionId id);
  void called();
  void save();
};

}  // namespace spinvp::platform
