#include "platform/debug/session.h"

#include <algorithm>

#include <fmt/format.h>

#include "platform/debug/hex.h"
#include "platform/debug/packet_link.h"
#include "platform/debug/register_numbers.h"

namespace spinvp::platform {

namespace {

const std::string ok = "OK", malformed = "E01", absent = "E02", unknown;

// Memory bytes that one answer holds at most: two digits each, within a packet.
constexpr std::uint64_t most_memory = (PacketLink::longest_packet - 16) / 2;
constexpr std::uint64_t longest_watch = 1 << 20;

std::string thread_text(unsigned hart) { return fmt::format("{:x}", hart + 1); }

}  // namespace

Session::Outcome Session::handle(std::string_view packet) {
  Outcome outcome;
  std::string last = answer(packet, outcome);
  if (outcome.next == Next::stay || outcome.next == Next::detach) outcome.answers.push_back(std::move(last));
  return outcome;
}

std::string Session::stopped(const StopEvent& event) {
  stop_ = event;
  general_hart_ = event.hart;
  resumed_hart_.reset();
  return stop_text();
}

unsigned Session::hart_to_halt() const {
  const auto at_pace = [this](Pace pace) { return static_cast<unsigned>(std::find(paces_.begin(), paces_.end(), pace) - paces_.begin()); };
  if (const unsigned stepping = at_pace(Pace::step); stepping < paces_.size()) return stepping;
  if (paces_[stop_.hart] != Pace::stand) return stop_.hart;
  const unsigned running = at_pace(Pace::run);
  return running < paces_.size() ? running : stop_.hart;
}

std::string Session::stop_text() const {
  std::string text = fmt::format("T{:02x}thread:{};", stop_.signal, thread_text(stop_.hart));
  if (stop_.breakpoint) text += "swbreak:;";
  if (stop_.watch) {
    const riscv::Watch& watch = stop_.watch->watch;
    text += fmt::format("{}:{:x};", watch.reads && watch.writes ? "awatch" : watch.reads ? "rwatch" : "watch", stop_.watch->address);
  }
  return text;
}

std::string Session::answer(std::string_view packet, Outcome& outcome) {
  if (packet.empty()) return unknown;
  const std::string_view arguments = packet.substr(1);
  switch (packet.front()) {
    case '?': return stop_text();
    case 'g': return read_all();
    case 'G': return write_all(arguments);
    case 'p': return read_one(arguments);
    case 'P': return write_one(arguments);
    case 'm': return read_memory(arguments);
    case 'M': return write_memory(arguments, false);
    case 'X': return write_memory(arguments, true);
    case 'H': return select_hart(arguments);
    case 'T': return hart_of(arguments, 0) ? ok : absent;
    case 'Z': return change_point(arguments, true);
    case 'z': return change_point(arguments, false);
    case 'c': return resume(Pace::run, arguments, outcome);
    case 's': return resume(Pace::step, arguments, outcome);
    case 'C':
    case 'S': {
      const std::size_t semicolon = arguments.find(';');
      return resume(packet.front() == 'C' ? Pace::run : Pace::step, semicolon == std::string_view::npos ? "" : arguments.substr(semicolon + 1), outcome);
    }
    case 'D': outcome.next = Next::detach; return ok;
    case 'k': outcome.next = Next::kill; return unknown;
    case 'q':
    case 'Q': return query(packet, outcome);
    case 'v':
      if (packet == "vCont?") return "vCont;c;C;s;S";
      if (packet.starts_with("vCont;")) return resume_each(packet.substr(6), outcome);
      if (packet.starts_with("vKill")) {
        outcome.next = Next::kill;
        outcome.answers.push_back(ok);
      }
      return unknown;
    default: return unknown;
  }
}

std::string Session::query(std::string_view packet, Outcome& outcome) {
  const auto begins = [&](std::string_view with) { return packet.starts_with(with); };
  if (begins("qSupported"))
    return fmt::format("PacketSize={:x};QStartNoAckMode+;qXfer:features:read+;swbreak+;hwbreak+;vContSupported+", PacketLink::longest_packet);
  if (packet == "QStartNoAckMode") {
    outcome.no_more_acknowledgements = true;
    return ok;
  }
  if (begins("qXfer:features:read:")) return description_part(packet.substr(20));
  if (packet == "qfThreadInfo") {
    std::string text;
    for (unsigned hart = 0; hart < target_.harts(); ++hart) text += (hart == 0 ? "m" : ",") + thread_text(hart);
    return text;
  }
  if (packet == "qsThreadInfo") return "l";
  if (begins("qThreadExtraInfo,")) {
    const auto hart = hart_of(packet.substr(17), 0);
    return hart ? to_hex(target_.hart_text(*hart)) : absent;
  }
  if (packet == "qC") return "QC" + thread_text(stop_.hart);
  if (begins("qAttached")) return "1";  // a client that quits leaves the run alone
  if (begins("qSymbol")) return ok;     // no symbols are wanted
  if (begins("qRcmd,")) return monitor(packet.substr(6), outcome);
  return unknown;
}

std::optional<unsigned> Session::hart_of(std::string_view thread, unsigned otherwise) const {
  if (thread == "-1" || thread == "0") return otherwise;
  ArgumentReader reader(thread);
  const auto number = reader.number();
  if (!number || !reader.done() || *number > target_.harts()) return std::nullopt;
  return static_cast<unsigned>(*number - 1);
}

std::string Session::select_hart(std::string_view arguments) {
  if (arguments.empty()) return malformed;
  const std::string_view thread = arguments.substr(1);
  const auto hart = hart_of(thread, stop_.hart);
  if (!hart) return absent;
  if (arguments.front() == 'g')
    general_hart_ = *hart;
  else if (arguments.front() != 'c')
    return malformed;
  else if (thread == "-1" || thread == "0")
    resumed_hart_.reset();
  else
    resumed_hart_ = *hart;
  return ok;
}

std::string Session::register_text(unsigned number) const {
  const unsigned bytes = register_number::bytes(number);
  const auto value = target_.read_register(general_hart_, number);
  return value ? little_endian_hex(*value, bytes) : std::string(2 * bytes, 'x');
}

std::string Session::read_all() const {
  std::string text;
  for (unsigned number = 0; number < register_number::in_general_packet; ++number) text += register_text(number);
  return text;
}

std::string Session::write_all(std::string_view text) {
  if (text.size() != 16 * register_number::in_general_packet) return malformed;
  std::vector<std::uint64_t> values;
  for (unsigned number = 0; number < register_number::in_general_packet; ++number) {
    const auto value = from_little_endian_hex(text.substr(16 * number, 16));
    if (!value) return malformed;
    values.push_back(*value);
  }
  bool written = true;
  for (unsigned number = 0; number < register_number::in_general_packet; ++number)
    if (target_.read_register(general_hart_, number) != values[number]) written &= target_.write_register(general_hart_, number, values[number]);
  return written ? ok : absent;
}

std::string Session::read_one(std::string_view arguments) const {
  ArgumentReader reader(arguments);
  const auto number = reader.number();
  if (!number || !reader.done()) return malformed;
  return *number < register_number::end ? register_text(static_cast<unsigned>(*number)) : absent;
}

std::string Session::write_one(std::string_view arguments) {
  ArgumentReader reader(arguments);
  const auto number = reader.number();
  if (!number || !reader.take("=")) return malformed;
  const auto value = from_little_endian_hex(reader.rest());
  if (!value) return malformed;
  if (*number >= register_number::end) return absent;
  return target_.write_register(general_hart_, static_cast<unsigned>(*number), *value) ? ok : absent;
}

std::string Session::read_memory(std::string_view arguments) const {
  ArgumentReader reader(arguments);
  const auto address = reader.number();
  if (!address || !reader.take(",")) return malformed;
  const auto size = reader.number();
  if (!size || !reader.done()) return malformed;
  const std::string bytes = target_.read_memory(*address, std::min(*size, most_memory));  // fewer than asked for are allowed
  return bytes.empty() && *size != 0 ? absent : to_hex(bytes);
}

std::string Session::write_memory(std::string_view arguments, bool binary) {
  ArgumentReader reader(arguments);
  const auto address = reader.number();
  if (!address || !reader.take(",")) return malformed;
  const auto size = reader.number();
  if (!size || !reader.take(":")) return malformed;
  const auto bytes = binary ? std::optional<std::string>(reader.rest()) : from_hex(reader.rest());
  if (!bytes || bytes->size() != *size) return malformed;
  return bytes->empty() || target_.write_memory(*address, *bytes) ? ok : absent;
}

// TYPE,ADDRESS,KIND: 0 and 1 breakpoints (which are the same here), 2 write, 3 read, 4 access watchpoints of KIND bytes.
std::string Session::change_point(std::string_view arguments, bool insert) {
  ArgumentReader reader(arguments);
  const auto type = reader.number();
  if (!type || !reader.take(",")) return malformed;
  const auto address = reader.number();
  if (!address || !reader.take(",")) return malformed;
  const auto kind = reader.number();
  if (!kind) return malformed;
  if (!reader.done() && !reader.take(";")) return malformed;
  if (reader.rest().find("cmds:") != std::string_view::npos || (!reader.done() && reader.rest().front() == 'X'))
    return unknown;  // conditions are GDB's to check
  if (*type > 4) return unknown;
  if (*type <= 1) {
    insert ? target_.insert_breakpoint(*address) : target_.remove_breakpoint(*address);
    return ok;
  }
  if (*kind == 0 || *kind > longest_watch || *address > ~std::uint64_t{0} - (*kind - 1)) return absent;
  const riscv::Watch watch{*address, *address + (*kind - 1), *type != 2, *type != 3};
  insert ? target_.insert_watch(watch) : target_.remove_watch(watch);
  return ok;
}

// c and s: the hart that Hc names, or the one of the last stop and all others running.
std::string Session::resume(Pace pace, std::string_view address, Outcome& outcome) {
  const unsigned hart = resumed_hart_.value_or(stop_.hart);
  if (!address.empty()) {
    ArgumentReader reader(address);
    const auto pc = reader.number();
    if (!pc || !reader.done()) return malformed;
    if (!target_.write_register(hart, register_number::pc, *pc)) return absent;
  }
  std::fill(paces_.begin(), paces_.end(), resumed_hart_ ? Pace::stand : Pace::run);
  paces_[hart] = pace;
  outcome.next = Next::resume;
  return {};
}

// ACTION[:THREAD];...: the first action that names a hart is its own; harts that none names stand.
std::string Session::resume_each(std::string_view actions, Outcome& outcome) {
  std::vector<std::optional<Pace>> chosen(target_.harts());
  ArgumentReader reader(actions);
  while (!reader.done()) {
    const std::string_view part = reader.until(';');
    if (part.empty()) return malformed;
    const char action = part.front();
    if (action != 'c' && action != 'C' && action != 's' && action != 'S') return malformed;
    const Pace pace = action == 's' || action == 'S' ? Pace::step : Pace::run;
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos || part.substr(colon + 1) == "-1") {
      for (auto& one : chosen)
        if (!one) one = pace;
      continue;
    }
    const auto hart = hart_of(part.substr(colon + 1), stop_.hart);
    if (!hart) return absent;
    if (!chosen[*hart]) chosen[*hart] = pace;
  }
  if (std::none_of(chosen.begin(), chosen.end(), [](const auto& one) { return one.has_value(); })) return malformed;
  for (std::size_t hart = 0; hart < chosen.size(); ++hart) paces_[hart] = chosen[hart].value_or(Pace::stand);
  outcome.next = Next::resume;
  return {};
}

std::string Session::description_part(std::string_view arguments) {
  ArgumentReader reader(arguments);
  if (reader.until(':') != "target.xml") return "E00";
  const auto offset = reader.number();
  if (!offset || !reader.take(",")) return malformed;
  const auto length = reader.number();
  if (!length || !reader.done()) return malformed;
  if (*offset == 0 || description_.empty()) description_ = target_.description();
  if (*offset >= description_.size()) return "l";
  const std::string part = description_.substr(*offset, std::min<std::uint64_t>(*length, most_memory));
  return (*offset + part.size() < description_.size() ? "m" : "l") + part;
}

// Text goes out in packets of its own, then OK.
std::string Session::monitor(std::string_view arguments, Outcome& outcome) {
  const auto command = from_hex(arguments);
  if (!command) return malformed;
  const std::string text = target_.monitor(*command);
  for (std::size_t at = 0; at < text.size(); at += most_memory) outcome.answers.push_back("O" + to_hex(std::string_view(text).substr(at, most_memory)));
  return ok;
}

}  // namespace spinvp::platform
