#include "platform/commands/run_snapshot.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/core/transport.h"
#include "models/memory/durable_file.h"
#include "platform/soc/snapshot.h"

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_named = 5;
constexpr core::SimTime latest = core::SimTime::ps(std::uint64_t{1} << 63);
constexpr std::string_view function_prefix = "function:";

std::string in_us(core::SimTime at) { return fmt::format("{:.6g} us", at.seconds() * 1e6); }

}  // namespace

SnapshotMarker::SnapshotMarker(const std::string& text) : name(text), function(text.starts_with(function_prefix)) {
  if (function)
    name = text.substr(function_prefix.size());
  else if (const std::size_t at = text.rfind('@'); at != std::string::npos) {
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + at + 1, last, occurrence);
    if (error != std::errc() || end != last || occurrence == 0)
      throw core::InputError(fmt::format("--save-at {}: behind the @ must stand which of the region's openings is meant, from 1 on", text),
                             core::ExitStatus::usage);
    name.resize(at);
  }
  if (name.empty())
    throw core::InputError(
        fmt::format("--save-at '{}': must name a region that firmware opens (step, train/step, or step@3 for the third time) or a function (function:main)",
                    text),
        core::ExitStatus::usage);
}

bool SnapshotMarker::matches(const core::Regions& regions, core::RegionId id) const {
  return !function && name == (name.find('/') == std::string::npos ? regions.name(id) : regions.path(id));
}

Restoration::Restoration(const std::string& path, const Json& identity) : path_(path), file_(read_snapshot_file(path)) {
  auto found = differences(file_.identity, identity);
  if (!found.empty()) {
    const std::size_t more = found.size() > most_named ? found.size() - most_named : 0;
    found.resize(found.size() - more);
    throw core::InputError(fmt::format("{}: does not fit this run: {}{}", path, fmt::join(found, "; "), more == 0 ? "" : fmt::format("; and {} more", more)));
  }
  try {
    at_ = core::SimTime::ps(file_.facts.at("time_ps").get<std::uint64_t>());
    marker_ = file_.facts.at("marker").get<std::string>();
    if (const Json& image = file_.facts.at("nvm_image"); !image.is_null())
      nvm_image_ = Artifact{image.at("path").get<std::string>(), image.at("role").get<std::string>(), image.at("hash").get<std::string>()};
  } catch (const Json::exception& error) {
    throw core::InputError(fmt::format("{}: {}", path, error.what()));
  }
  if (at_ > latest) throw core::InputError(fmt::format("{}: was taken at a time that no run comes to", path));
}

WhatIf apply_what_if(ConfigRequest request, const std::vector<std::string>& assignments, const PlatformConfig& saved) {
  request.what_if = assignments;
  WhatIf result{load_config(request), {}};
  const auto compare = [&](const std::string& prefix, const std::vector<ResolvedField>& before, const std::vector<ResolvedField>& now) {
    for (const ResolvedField& field : now) {
      const auto old = std::find_if(before.begin(), before.end(), [&](const ResolvedField& other) { return other.path == field.path; });
      if (old != before.end() && old->value == field.value) continue;
      if (!field.info->notes.what_if || old == before.end()) {
        std::vector<std::string> allowed;
        for (const ResolvedField& other : now)
          if (other.info->notes.what_if) allowed.push_back(prefix + other.path);
        throw core::InputError(fmt::format("--what-if: {}{} cannot change at a snapshot, whose state depends on it; allowed: {}", prefix, field.path,
                                           allowed.empty() ? "nothing" : fmt::format("{}", fmt::join(allowed, ", "))));
      }
      result.changes.push_back(
          fmt::format("{}{}: {} in place of {}", prefix, field.path, core::to_text(*field.info, field.value), core::to_text(*old->info, old->value)));
    }
  };
  compare("", saved.fields, result.config.fields);
  for (const DeviceConfig& device : result.config.devices) {
    const auto old = std::find_if(saved.devices.begin(), saved.devices.end(), [&](const DeviceConfig& other) { return other.name == device.name; });
    if (old == saved.devices.end()) throw core::InputError(fmt::format("--what-if: the snapshot has no device '{}'", device.name));
    compare("devices." + device.name + ".", old->fields, device.fields);
  }
  if (result.config.devices.size() != saved.devices.size()) throw core::InputError("--what-if: no device can be taken away at a snapshot");
  return result;
}

void Restoration::hold(Soc& soc) {
  for (const auto& hart : soc.harts()) hart->await_restore();
}

std::string Restoration::resume(core::Simulation& simulation, Soc& soc) {
  try {
    return restore_state(simulation, soc, std::move(file_.state));
  } catch (const core::InputError& error) {
    throw core::InputError(fmt::format("{}: {}", path_, error.what()));
  }
}

std::string Restoration::about() const { return fmt::format("{}, {} at {}", path_, marker_, in_us(at_)); }

SnapshotWatch::SnapshotWatch(core::Simulation& simulation, Soc& soc, const SnapshotRequest& request, const ElfImage& image, Json identity,
                             std::optional<Artifact> nvm_image)
    : simulation_(simulation),
      soc_(soc),
      marker_text_(*request.save_at),
      path_(*request.file),
      marker_(*request.save_at),
      identity_(std::move(identity)),
      nvm_image_(std::move(nvm_image)) {
  // Found before the run, not in its midst: the folder takes a file of that name.
  { const memory::DurableFile probe(path_); }
  if (!marker_.function) {
    simulation.regions.after_open([this](core::RegionId id) { opened(id); });
    return;
  }
  const auto address = image.symbol(marker_.name);
  if (!address) throw core::InputError(fmt::format("--save-at {}: the firmware has no function of that name", marker_text_));
  for (const auto& hart : soc.harts()) hart->call_before(*address, [this] { called(); });
}

void SnapshotWatch::called() {
  ++openings_;
  for (const auto& hart : soc_.harts()) hart->drop_call();
  save();
}

// Inside the store that opened the region: the state is saved behind it.
void SnapshotWatch::opened(core::RegionId id) {
  if (over() || !marker_.matches(simulation_.regions, id) || ++openings_ < marker_.occurrence) return;
  const auto& harts = soc_.harts();
  const auto inside = std::find_if(harts.begin(), harts.end(), [](const auto& hart) { return !hart->between_instructions(); });
  if (inside == harts.end())
    refusal_ = "it was opened by no hart";
  else if (std::any_of(std::next(inside), harts.end(), [](const auto& hart) { return !hart->between_instructions(); }))
    refusal_ = "another hart waits for the bus";
  else
    (*inside)->call_between_instructions([this] { save(); });
}

void SnapshotWatch::save() {
  refusal_ = unsettled(simulation_);
  if (!refusal_.empty()) return;
  const core::SimTime now = core::now();
  const Json image = nvm_image_ ? Json{{"path", nvm_image_->path}, {"role", nvm_image_->role}, {"hash", nvm_image_->hash}} : Json();
  try {
    const std::uint64_t size =
        write_snapshot_file(path_, {identity_, {{"marker", marker_text_}, {"time_ps", now.ps()}, {"nvm_image", image}}, save_state(simulation_, console_)});
    saved_ = fmt::format("snapshot: {}, {} at {}, {:.1f} KiB", path_, marker_text_, in_us(now), static_cast<double>(size) / 1024);
  } catch (const core::FileError& error) {
    failure_ = error;
  }
}

std::string SnapshotWatch::finish() const {
  if (!saved_.empty()) return saved_;
  if (failure_) throw *failure_;
  if (!refusal_.empty())
    throw core::InputError(
        fmt::format("--save-at {}: no snapshot: at the last of {} times the platform was not quiescent: {}", marker_text_, openings_, refusal_));
  if (marker_.function) throw core::InputError(fmt::format("--save-at {}: no snapshot: the function was never called", marker_text_));
  std::vector<std::string> known;
  for (core::RegionId id = 1; id < simulation_.regions.count() && known.size() < most_named; ++id) known.push_back(simulation_.regions.path(id));
  throw core::InputError(openings_ != 0  ? fmt::format("--save-at {}: no snapshot: the region was opened {} times only", marker_text_, openings_)
                         : known.empty() ? fmt::format("--save-at {}: no snapshot: the firmware opened no region", marker_text_)
                                         : fmt::format("--save-at {}: no snapshot: the firmware opened no such region; it opened {}{}", marker_text_,
                                                       fmt::join(known, ", "), simulation_.regions.count() - 1 > known.size() ? ", ..." : ""));
}

}  // namespace spinvp::platform
