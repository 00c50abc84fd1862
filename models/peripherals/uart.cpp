#include "models/peripherals/uart.h"

namespace spinvp::peripherals {

using core::SimTime;

namespace {

// Bits of the registers, by the names of the NS16550A data sheet (Texas Instruments PC16550D, section 8).
constexpr std::uint8_t ier_receive = 1, ier_transmit = 2, ier_line = 4, ier_modem = 8;
constexpr std::uint8_t iir_none = 1, iir_modem = 0, iir_transmit = 2, iir_receive = 4, iir_line = 6, iir_timeout = 12, iir_fifo = 0xc0;
constexpr std::uint8_t fcr_enable = 1, fcr_clear_receive = 2, fcr_clear_transmit = 4, fcr_kept = 0xc9;
constexpr std::uint8_t lsr_data_ready = 1, lsr_overrun = 2, lsr_transmit_empty = 0x20, lsr_idle = 0x40;
constexpr std::uint8_t mcr_loopback = 0x10;

// 19,200 baud from the default clock, as QEMU's model starts.
constexpr std::uint16_t reset_divisor = 12;

template <typename Callback>
void spawn_method(const char* name, sc_core::sc_event& event, Callback callback) {
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&event);
  sc_core::sc_spawn(callback, name, &options);
}

// Fires at `at`, or never.
void schedule(sc_core::sc_event& event, SimTime at) {
  event.cancel();
  if (at != SimTime::never()) event.notify(core::to_sc(at > core::now() ? at - core::now() : SimTime()));
}

core::RegisterSpec byte_register(const char* name, std::uint64_t offset, const char* text, std::vector<core::RegisterField> fields,
                                 core::Access access = core::Access::read_write) {
  return {.name = name, .offset = offset, .width = 1, .access = access, .text = text, .fields = std::move(fields)};
}

}  // namespace

const core::Schema& UartConfig::schema() {
  static const core::Schema schema = core::Schema::of<UartConfig>()
                                         .field("clock", &UartConfig::clock, {.least = 1, .unit = "Hz", .text = "input clock of the baud generator"})
                                         .field("instant", &UartConfig::instant, {.text = "a character leaves in no time; false: it takes its frame"});
  return schema;
}

Uart::Uart(const sc_core::sc_module_name& name, core::Simulation& simulation, const UartConfig& config)
    : RegisterDevice(name, simulation, "ns16550a", 0x100, core::Frequency::from_si(1e9), core::Violation::ignore),
      config_(config),
      data_(bank_, byte_register("DATA", 0, "read: received character (RBR); write: character to send (THR); with LCR.DLAB: divisor, low byte (DLL)", {})),
      ier_(bank_, byte_register("IER", 1, "interrupt enable; with LCR.DLAB: divisor, high byte (DLM)",
                                {{"RECEIVE", 0, 1, "received data, or character timeout"},
                                 {"TRANSMIT", 1, 1, "the transmitter's buffer is empty"},
                                 {"LINE", 2, 1, "a receive error"},
                                 {"MODEM", 3, 1, "a change of the modem lines"}})),
      iir_(bank_, byte_register("IIR", 2, "read: interrupt identification; write: FIFO control (FCR)",
                                {{"NONE", 0, 1, "read: no interrupt is pending; write: FIFOs on"},
                                 {"SOURCE", 1, 3,
                                  "read: 3 line, 2 data, 6 timeout, 1 transmitter, 0 modem; write: bit 1 clears the receive FIFO, bit 2 the transmit FIFO"},
                                 {"FIFO", 6, 2, "read: 3 with FIFOs on; write: receive trigger level 1, 4, 8 or 14"}})),
      lcr_(bank_, byte_register("LCR", 3, "line control",
                                {{"WORD", 0, 2, "data bits - 5"},
                                 {"STOP", 2, 1, "2 stop bits (1.5 with 5 data bits)"},
                                 {"PARITY", 3, 1, "a parity bit"},
                                 {"BREAK", 6, 1, "send a break (kept, no effect)"},
                                 {"DLAB", 7, 1, "offsets 0 and 1 are the divisor latch"}})),
      mcr_(bank_, byte_register("MCR", 4, "modem control",
                                {{"DTR", 0, 1, "data terminal ready"},
                                 {"RTS", 1, 1, "request to send"},
                                 {"OUT1", 2, 1, "output 1"},
                                 {"OUT2", 3, 1, "output 2"},
                                 {"LOOPBACK", 4, 1, "the transmitter feeds the receiver"}})),
      lsr_(bank_, byte_register("LSR", 5, "line status; a read clears the errors",
                                {{"DATA_READY", 0, 1, "a received character waits"},
                                 {"OVERRUN", 1, 1, "a character was lost"},
                                 {"TRANSMIT_EMPTY", 5, 1, "the transmitter's buffer is empty (THRE)"},
                                 {"IDLE", 6, 1, "buffer and shift register are empty (TEMT)"}},
                                core::Access::read_only)),
      msr_(bank_, byte_register("MSR", 6, "modem status; a read clears the changes",
                                {{"CHANGES", 0, 4, "CTS, DSR, end of RI, DCD changed"},
                                 {"CTS", 4, 1, "clear to send"},
                                 {"DSR", 5, 1, "data set ready"},
                                 {"RI", 6, 1, "ring indicator"},
                                 {"DCD", 7, 1, "data carrier detect"}},
                                core::Access::read_only)),
      scr_(bank_, byte_register("SCR", 7, "scratch", {})),
      divisor_(reset_divisor) {
  set_interrupt(line_);

  data_.on_read([this] { return read_data(); });
  data_.on_peek([this](unsigned) -> std::uint64_t { return divisor_latch() ? divisor_ & 0xff : received_.empty() ? 0 : received_.front(); });
  data_.on_write([this](std::uint64_t, std::uint64_t value) { write_data(static_cast<std::uint8_t>(value)); });
  const auto read_ier = [this](unsigned) -> std::uint64_t { return divisor_latch() ? divisor_ >> 8 : enabled_; };
  ier_.on_read_at(read_ier);
  ier_.on_peek(read_ier);
  ier_.on_write([this](std::uint64_t, std::uint64_t value) { write_interrupt_enable(static_cast<std::uint8_t>(value)); });
  iir_.on_read([this]() -> std::uint64_t {
    const std::uint8_t value = identification();
    if ((value & 0xf) == iir_transmit) transmit_interrupt_ = false;
    update();
    return value;
  });
  iir_.on_peek([this](unsigned) -> std::uint64_t { return identification(); });
  iir_.on_write([this](std::uint64_t, std::uint64_t value) { write_fifo_control(static_cast<std::uint8_t>(value)); });
  mcr_.on_write([this](std::uint64_t old, std::uint64_t value) {
    mcr_.set(old);
    const std::uint8_t before = modem_status();
    mcr_.set(value & 0x1f);
    arrive();
    const std::uint8_t after = modem_status(), ring_ended = static_cast<std::uint8_t>(before & ~after & 0x40);
    modem_changes_ = static_cast<std::uint8_t>(modem_changes_ | (((((before ^ after) & 0xb0) | ring_ended) >> 4) & 0xf));
    update();
  });
  lsr_.on_read([this]() -> std::uint64_t {
    listen();
    const std::uint8_t value = line_status();
    line_errors_ = 0;
    update();
    return value;
  });
  lsr_.on_peek([this](unsigned) -> std::uint64_t { return line_status(); });
  msr_.on_read([this]() -> std::uint64_t {
    const auto value = static_cast<std::uint8_t>(modem_status() | modem_changes_);
    modem_changes_ = 0;
    update();
    return value;
  });
  msr_.on_peek([this](unsigned) -> std::uint64_t { return static_cast<std::uint8_t>(modem_status() | modem_changes_); });

  spawn_method("transmitter", sent_, [this] { frame_sent(); });
  spawn_method("arrival", arrival_, [this] {
    arrival_at_ = SimTime::never();
    if (line_in_.empty()) return;
    const char character = line_in_.front();
    line_in_.pop_front();
    receive(character);
    arrive();
  });
  spawn_method("timeout", timeout_, [this] {
    timeout_at_ = SimTime::never();
    timed_out_ = true;
    update();
  });
}

bool Uart::divisor_latch() const { return (lcr_.get() & 0x80) != 0; }
bool Uart::loopback() const { return (mcr_.get() & mcr_loopback) != 0; }

std::size_t Uart::trigger() const {
  static constexpr std::array<std::size_t, 4> levels = {1, 4, 8, 14};
  return fifo_enabled() ? levels[fcr_ >> 6] : 1;
}

SimTime Uart::frame() const {
  const std::uint64_t format = lcr_.get(), data_bits = 5 + (format & 3);
  const std::uint64_t stop_half_bits = (format & 4) == 0 ? 2 : data_bits == 5 ? 3 : 4;
  const std::uint64_t half_bits = 2 * (1 + data_bits + ((format >> 3) & 1)) + stop_half_bits;
  const std::uint64_t divisor = divisor_ == 0 ? 65536 : divisor_;  // a 16-bit counter wraps
  return SimTime::from(static_cast<double>(half_bits * 8 * divisor) / config_.clock);
}

std::uint8_t Uart::line_status() const {
  std::uint8_t value = line_errors_;
  if (!received_.empty()) value |= lsr_data_ready;
  if (to_send_.empty()) value |= lsr_transmit_empty;
  if (to_send_.empty() && !shifting_) value |= lsr_idle;
  return value;
}

std::uint8_t Uart::modem_status() const {
  if (!loopback()) return 0xb0;  // a connected, ready peer: DCD, DSR, CTS
  const std::uint64_t out = mcr_.get();
  return static_cast<std::uint8_t>(((out >> 1) & 1) << 4 | (out & 1) << 5 | ((out >> 2) & 1) << 6 | ((out >> 3) & 1) << 7);
}

std::uint8_t Uart::identification() const {
  const std::uint8_t fifo = fifo_enabled() ? iir_fifo : 0;
  if ((enabled_ & ier_line) != 0 && line_errors_ != 0) return fifo | iir_line;
  if ((enabled_ & ier_receive) != 0 && received_.size() >= trigger()) return fifo | iir_receive;
  if ((enabled_ & ier_receive) != 0 && timed_out_) return fifo | iir_timeout;
  if ((enabled_ & ier_transmit) != 0 && transmit_interrupt_) return fifo | iir_transmit;
  if ((enabled_ & ier_modem) != 0 && modem_changes_ != 0) return fifo | iir_modem;
  return fifo | iir_none;
}

void Uart::update() { line_.set((identification() & iir_none) == 0); }

std::uint64_t Uart::read_data() {
  if (divisor_latch()) return divisor_ & 0xff;
  listen();
  if (received_.empty()) return 0;
  const std::uint8_t value = received_.front();
  received_.erase(received_.begin());
  restart_timeout();
  arrive();
  update();
  return value;
}

void Uart::write_data(std::uint8_t value) {
  if (divisor_latch()) {
    divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff00) | value);
    return;
  }
  transmit_interrupt_ = false;
  if (config_.instant) {
    deliver(value);
    transmit_interrupt_ = true;
  } else {
    if (to_send_.size() < depth())
      to_send_.push_back(value);
    else if (!fifo_enabled())
      to_send_.back() = value;  // the chip overwrites; with FIFOs on the character is lost
    if (!shifting_) start_frame();
  }
  update();
}

void Uart::write_interrupt_enable(std::uint8_t value) {
  if (divisor_latch()) {
    divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff) | (value << 8));
    return;
  }
  if ((value & ~enabled_ & ier_transmit) != 0 && to_send_.empty()) transmit_interrupt_ = true;
  enabled_ = value & 0xf;
  if ((enabled_ & ier_receive) != 0) listen();
  update();
}

void Uart::write_fifo_control(std::uint8_t value) {
  const bool toggled = ((value ^ fcr_) & fcr_enable) != 0;
  fcr_ = value & fcr_kept;
  if ((fcr_ & fcr_enable) == 0) fcr_ = 0;  // the other bits count only with FIFOs on
  if (toggled || (value & fcr_clear_receive) != 0) received_.clear();
  if ((toggled || (value & fcr_clear_transmit) != 0) && !to_send_.empty()) {
    to_send_.clear();
    transmit_interrupt_ = true;
  }
  restart_timeout();
  arrive();
  update();
}

void Uart::start_frame() {
  shift_ = to_send_.front();
  to_send_.erase(to_send_.begin());
  shifting_ = true;
  if (to_send_.empty()) transmit_interrupt_ = true;
  sent_at_ = core::now() + frame();
  schedule(sent_, sent_at_);
}

void Uart::frame_sent() {
  sent_at_ = SimTime::never();
  shifting_ = false;
  deliver(shift_);
  if (!to_send_.empty()) start_frame();
  update();
}

void Uart::deliver(std::uint8_t value) {
  if (!loopback()) {
    if (simulation().on_console) simulation().on_console(static_cast<char>(value));
    return;
  }
  if (received_.size() < depth())
    received_.push_back(value);
  else
    line_errors_ |= lsr_overrun;
  restart_timeout();
}

void Uart::receive(char character) {
  if (loopback()) return;  // the pin is disconnected
  if (can_receive())
    received_.push_back(static_cast<std::uint8_t>(character));
  else
    line_errors_ |= lsr_overrun;
  restart_timeout();
  update();
}

void Uart::send(std::string_view text) {
  line_in_.insert(line_in_.end(), text.begin(), text.end());
  line_event_.notify(sc_core::SC_ZERO_TIME);
  arrive();
}

std::optional<char> Uart::take_from_line() {
  if (line_in_.empty()) return std::nullopt;
  const char character = line_in_.front();
  line_in_.pop_front();
  return character;
}

void Uart::listen() {
  if (listening_) return;
  listening_ = true;
  arrive();
}

void Uart::arrive() {
  if (!config_.instant) {
    if (line_in_.empty() || arrival_at_ != SimTime::never()) return;
    arrival_at_ = core::now() + frame();
    return schedule(arrival_, arrival_at_);
  }
  while (listening_ && !loopback() && !line_in_.empty() && can_receive()) {
    const char character = line_in_.front();
    line_in_.pop_front();
    receive(character);
  }
}

void Uart::restart_timeout() {
  timed_out_ = false;
  timeout_at_ = received_.empty() || received_.size() >= trigger() ? SimTime::never() : core::now() + 4 * frame();
  schedule(timeout_, timeout_at_);
}

void Uart::clear() {
  received_.clear();
  to_send_.clear();
  shift_ = fcr_ = enabled_ = line_errors_ = modem_changes_ = 0;
  shifting_ = transmit_interrupt_ = listening_ = false;
  divisor_ = reset_divisor;
  sent_at_ = SimTime::never();
  schedule(sent_, sent_at_);
  restart_timeout();
  update();
}

void Uart::on_reset() {
  RegisterDevice::on_reset();
  clear();
}

void Uart::describe_state(core::StateArchive& archive) {
  RegisterDevice::describe_state(archive);
  archive.item("received", received_);
  archive.item("to_send", to_send_);
  archive.item("shift", shift_);
  archive.item("shifting", shifting_);
  archive.item("divisor", divisor_);
  archive.item("fifo_control", fcr_);
  archive.item("interrupt_enable", enabled_);
  archive.item("line_errors", line_errors_);
  archive.item("modem_changes", modem_changes_);
  archive.item("transmit_interrupt", transmit_interrupt_);
  archive.item("timed_out", timed_out_);
  std::vector<char> line_in(line_in_.begin(), line_in_.end());
  archive.item("line_in", line_in);
  line_in_.assign(line_in.begin(), line_in.end());
  archive.item("listening", listening_);
  archive.item("arrival_at", arrival_at_);
  archive.item("sent_at", sent_at_);
  archive.item("timeout_at", timeout_at_);
  if (!archive.reading()) return;
  schedule(sent_, sent_at_);
  schedule(timeout_, timeout_at_);
  schedule(arrival_, arrival_at_);
  update();
}

static const core::DeviceRegistration registration = core::register_device<Uart, UartConfig>("ns16550a", "serial port, NS16550A register layout");

}  // namespace spinvp::peripherals
