#include "models/technology/dram_memspec.h"

#include <bit>
#include <cmath>
#include <fstream>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "models/core/error.h"
#include "models/technology/dram_currents.h"

namespace spinvp::technology {

namespace {

using Json = nlohmann::json;
using Names = std::vector<const char*>;

// One section of the file; every key may have several spellings, the newest first.
class Section {
 public:
  Section(const Json& root, const char* name, std::string file)
      : path_(std::move(file) + ": memspec." + name), values_(root.contains(name) ? root[name] : Json::object()) {
    if (!values_.is_object()) throw core::InputError(path_ + ": not an object, allowed are keys with values");
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  // The number under the first spelling that is there. Refuses what is no number from `least` to `most`.
  [[nodiscard]] std::optional<double> find(const Names& names, double least, double most) const {
    for (const char* name : names) {
      const auto at = values_.find(name);
      if (at == values_.end()) continue;
      if (!at->is_number() || !(at->get<double>() >= least) || !(at->get<double>() <= most))
        throw core::InputError(fmt::format("{}.{}: {} is not allowed: a number from {} to {}", path_, name, short_text(*at), least, most));
      return at->get<double>();
    }
    return std::nullopt;
  }
  [[nodiscard]] double number(const Names& names, double least, double most) const {
    if (const auto value = find(names, least, most)) return *value;
    throw core::InputError(fmt::format("{}: {} is missing, a number from {} to {} is allowed", path_, fmt::join(names, " or "), least, most));
  }
  [[nodiscard]] unsigned count(const Names& names, double most, std::optional<unsigned> otherwise = std::nullopt) const {
    const auto value = find(names, 1, most);
    if (!value && otherwise) return *otherwise;
    const double n = value ? *value : number(names, 1, most);
    if (n != std::floor(n)) throw core::InputError(fmt::format("{}.{}: {} is not allowed: a whole number from 1 to {}", path_, names.front(), n, most));
    return static_cast<unsigned>(n);
  }
  // A count that splits an address.
  [[nodiscard]] unsigned power_of_two(const Names& names, double most, std::optional<unsigned> otherwise = std::nullopt) const {
    const unsigned n = count(names, most, otherwise);
    if (!std::has_single_bit(n)) throw core::InputError(fmt::format("{}.{}: {} is not allowed: a power of two up to {}", path_, names.front(), n, most));
    return n;
  }

 private:
  std::string path_;
  Json values_;
  static std::string short_text(const Json& value) {
    const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    return text.size() > 40 ? text.substr(0, 40) + "..." : text;
  }
};

Json parsed(const std::string& text, const std::string& file) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    // The byte at which it failed counts from one.
    const std::size_t end = std::min<std::size_t>(e.byte > 0 ? e.byte - 1 : 0, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    throw core::InputError(fmt::format("{}:{}: not JSON, allowed is an object with a memspec as DRAMSys writes it", file, line));
  }
}

std::string text_of(const Json& root, const char* key, const std::string& file) {
  if (!root.contains(key) || !root[key].is_string()) throw core::InputError(fmt::format("{}: memspec.{}: missing, a text is allowed", file, key));
  return root[key].get<std::string>();
}

// The preset whose energies a file without currents takes.
const DramDataSheet& relative(const std::string& type) {
  for (const auto& [begins, preset] : {std::pair{"HBM3", "hbm3"}, {"HBM", "hbm2"}, {"LPDDR", "lpddr4"}, {"STT", "stt_mram"}})
    if (type.starts_with(begins)) return *find_dram_data_sheet(preset);
  return *find_dram_data_sheet(type.find("MRAM") != std::string::npos ? "stt_mram" : "ddr4");
}

DramTiming timing_of(const Section& t, const Section& architecture, unsigned burst_length, bool refreshes) {
  constexpr double most = 1e6;
  const auto mhz = t.find({"clkMhz"}, 1, 1e5);
  const core::Time ck = core::Time::from_si(mhz && !t.find({"tCK"}, 0, 1) ? 1e-6 / *mhz : t.number({"tCK"}, 1e-11, 1e-6));
  const double rate = architecture.number({"dataRate"}, 1, 8);
  const auto cycles = [&](const Names& names) { return ck * t.number(names, 0, most); };
  const auto maybe = [&](const Names& names, core::Time otherwise) {
    const auto value = t.find(names, 0, most);
    return value ? ck * *value : otherwise;
  };
  DramTiming r;
  r.t_ck = ck;
  r.t_burst = ck * (burst_length / rate);
  r.t_rcd_read = cycles({"RCD", "RCDRD"});
  r.t_rcd_write = cycles({"RCDWR", "RCD"});
  r.t_rp = cycles({"RP", "RPpb"});
  r.t_ras = cycles({"RAS"});
  r.t_rc = maybe({"RC", "RCpb"}, r.t_ras + r.t_rp);
  r.t_cl = cycles({"RL", "CL"});
  r.t_cwl = cycles({"WL"});
  r.t_ccd_s = cycles({"CCD_S", "CCDS", "CCD"});
  r.t_ccd_l = cycles({"CCD_L", "CCDL", "CCD"});
  r.t_rrd_s = cycles({"RRD_S", "RRDS", "RRD"});
  r.t_rrd_l = cycles({"RRD_L", "RRDL", "RRD"});
  r.t_faw = cycles({"FAW"});
  r.t_wr = cycles({"WR"});
  r.t_rtp = cycles({"RTP"});
  r.t_wtr_s = cycles({"WTR_S", "WTRS", "WTR"});
  r.t_wtr_l = cycles({"WTR_L", "WTRL", "WTR"});
  // Read data leave the bus two clocks before write data come.
  const core::Time gap = r.t_cl + r.t_burst + ck * 2 - r.t_cwl;
  r.t_rtw = maybe({"RTW"}, gap > r.t_burst ? gap : r.t_burst);
  if (refreshes) {
    r.t_refi = cycles({"REFI"});
    r.t_rfc = cycles({"RFC1", "RFCab", "RFC"});
    if (!(r.t_rfc < r.t_refi)) throw core::InputError(t.path() + ": RFC reaches REFI, less is allowed");
  }
  if (!(r.t_ras + r.t_rp <= r.t_rc * (1 + 1e-9))) throw core::InputError(t.path() + ": RC is less than RAS + RP, at least their sum is allowed");
  return r;
}

// One supply with its currents; `suffix` is how the rail's names end. Nothing if the file does not have it.
std::optional<DramRail> rail(const Section& p, const char* voltage, const std::string& prefix, const std::string& suffix, double ampere) {
  const double most = 10 / ampere;
  const auto v = p.find({voltage}, 0, 100);
  const auto current = [&](const std::vector<std::string>& stems) {
    for (const std::string& stem : stems)
      if (const auto value = p.find({(prefix + stem + suffix).c_str()}, 0, most)) return core::Current::from_si(*value * ampere);
    return core::Current();
  };
  DramRail r;
  r.idd0 = current({"0"});
  if (!v || *v == 0 || r.idd0.si() == 0) return std::nullopt;
  r.voltage = core::Voltage::from_si(*v);
  r.idd2n = current({"2n"});
  r.idd2p = current({"2p", "2p0"});
  r.idd3n = current({"3n"});
  r.idd4r = current({"4r"});
  r.idd4w = current({"4w"});
  r.idd5 = current({"5b", "5B", "5ab", "5"});
  r.idd6 = current({"6n", "6"});
  return r;
}

std::vector<DramRail> rails_of(const Section& p, const std::string& type, double ampere) {
  std::vector<DramRail> rails;
  const auto add = [&rails](const std::optional<DramRail>& r) {
    if (r) rails.push_back(*r);
  };
  if (type.starts_with("LPDDR")) {
    add(rail(p, "vdd1", "idd", "1", ampere));
    add(rail(p, "vdd2", "idd", "2", ampere));
    return rails;
  }
  add(rail(p, "vdd", "idd", "", ampere));
  if (rails.empty()) return rails;
  if (auto pump = rail(p, "vpp", "ipp", "", ampere)) {
    // What a file leaves at zero above standby is not known: it draws standby.
    for (core::Current* c : {&pump->idd4r, &pump->idd4w, &pump->idd5})
      if (*c < pump->idd3n) *c = pump->idd3n;
    rails.push_back(*pump);
  }
  return rails;
}

void borrow_energies(DramDataSheet& s, const DramDataSheet& from) {
  const std::string why = fmt::format("assumed: the file gives no currents; as preset {}, a bit and a byte of a page alike: ", from.name);
  const double pages = static_cast<double>(s.page_bytes) / static_cast<double>(from.page_bytes), lanes = static_cast<double>(s.lanes()) / from.lanes();
  s.activate = from.activate * pages;
  s.activate_source = why + from.activate_source;
  s.read_array_per_bit = from.read_array_per_bit;
  s.write_array_per_bit = from.write_array_per_bit;
  s.array_source = why + from.array_source;
  if (s.refreshes()) {
    s.refresh = from.refresh * (pages * s.banks() / from.banks());
    s.refresh_source = why + from.refresh_source;
  }
  s.active_standby = from.active_standby * lanes;
  s.precharge_standby = from.precharge_standby * lanes;
  s.power_down = from.power_down * lanes;
  s.self_refresh = from.self_refresh * lanes;
  s.background_source = why + from.background_source;
}

}  // namespace

DramDataSheet parse_memspec(const std::string& text, const std::string& file) {
  const Json root = parsed(text, file);
  if (!root.is_object() || !root.contains("memspec") || !root["memspec"].is_object())
    throw core::InputError(file + ": memspec: missing, allowed is an object with a memspec as DRAMSys writes it");
  const Json& spec = root["memspec"];
  const std::string type = text_of(spec, "memoryType", file), id = text_of(spec, "memoryId", file);
  const Section architecture(spec, "memarchitecturespec", file), timing(spec, "memtimingspec", file), power(spec, "mempowerspec", file);
  const bool stack = type.starts_with("HBM");
  const std::string source = fmt::format("published: {} ({})", file, id);

  DramDataSheet s;
  s.name = id;
  s.non_volatile = type.find("MRAM") != std::string::npos;
  s.channels = architecture.count({"nbrOfChannels"}, 256, 1u);
  s.pseudo_channels = architecture.count({"nbrOfPseudoChannels"}, 4, 1u);
  s.ranks = architecture.power_of_two({"nbrOfRanks", "nbrOfStacks", "nbrOfSIDs"}, 16, 1u);
  s.bank_groups = architecture.power_of_two({"nbrOfBankGroups"}, 16, 1u);
  const unsigned banks = architecture.power_of_two({"nbrOfBanks"}, 256);
  if (banks < s.bank_groups)
    throw core::InputError(fmt::format("{}.nbrOfBanks: {} is not allowed: at least the {} bank groups", architecture.path(), banks, s.bank_groups));
  s.banks_per_group = banks / s.bank_groups;
  s.rows = architecture.count({"nbrOfRows"}, 4194304);
  const unsigned columns = architecture.power_of_two({"nbrOfColumns"}, 65536), width = architecture.power_of_two({"width"}, 1024),
                 devices = architecture.power_of_two({"nbrOfDevices", "nbrOfDevicesOnDIMM"}, 64, 1u);
  s.burst_length = architecture.power_of_two({"burstLength"}, 64);
  s.bus_bits = width * devices;
  if (s.bus_bits < 8)
    throw core::InputError(fmt::format("{}.width: a bus of {} bits is not allowed: at least 8 bits of all devices", architecture.path(), s.bus_bits));
  // HBM's later files count its columns in whole bursts, as its column address does: 32 where earlier ones say 128.
  const bool in_bursts = stack && columns < 64;
  s.page_bytes = std::uint64_t{columns} * s.bus_bits / 8 * (in_bursts ? s.burst_length : 1);
  if (s.page_bytes < s.access_bytes())
    throw core::InputError(
        fmt::format("{}.nbrOfColumns: {} is not allowed: a page holds at least one burst of {} bytes", architecture.path(), columns, s.access_bytes()));
  if (s.page_bytes > 1u << 20)
    throw core::InputError(fmt::format("{}.nbrOfColumns: a page of {} bytes is not allowed: up to 1MiB", architecture.path(), s.page_bytes));
  if (s.lanes() > 256) throw core::InputError(fmt::format("{}: {} channels and pseudo channels are not allowed: up to 256", architecture.path(), s.lanes()));
  s.organisation_source = source;

  s.timing = timing_of(timing, architecture, s.burst_length, !s.non_volatile);
  s.timing.source = source;
  const DramDataSheet& kin = relative(type);
  s.interface_latency = kin.interface_latency;
  s.interface_source = kin.interface_source;
  s.read_io_per_bit = kin.read_io_per_bit;
  s.write_io_per_bit = kin.write_io_per_bit;
  s.io_source = kin.io_source;
  // The files that say clkMhz have milliampere.
  const std::vector<DramRail> rails = rails_of(power, type, timing.find({"tCK"}, 0, 1) ? 1 : 1e-3);
  if (rails.empty())
    borrow_energies(s, kin);
  else
    apply_currents(s, {rails, devices, s.timing.t_rc, s.timing.t_ras, s.timing.t_burst, s.timing.t_rfc}, source, power.path());
  return s;
}

DramDataSheet read_memspec(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw core::FileError(file + ": cannot be read");
  std::string text(std::size_t{1} << 20, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) throw core::FileError(file + ": cannot be read");
  if (text.size() == std::size_t{1} << 20) throw core::InputError(file + ": too long, less than 1MiB is allowed");
  return parse_memspec(text, file);
}

}  // namespace spinvp::technology
