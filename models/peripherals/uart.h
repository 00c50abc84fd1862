// UART with the NS16550A's registers, one byte each at stride 1.
//
// Two register files overlay as on the chip: with LCR.DLAB set, offsets 0 and 1 are the divisor latch. Both FIFOs hold 16 bytes (one without FCR.ENABLE).
// A character leaves at once by default (as on QEMU); with `instant: false` it takes its frame: (start + data + parity + stop bits) x 16 x divisor / clock.
// What leaves goes to Simulation::on_console, or with MCR.LOOPBACK to the receiver. Interrupts, by priority: line status, received data at the trigger level,
// character timeout (data below the trigger level for four frames), transmitter empty, modem status. Writes to read-only registers are ignored, as on the chip.
// It books no energy: the pins and the level shifters that would dominate it lie outside the chip.
#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "models/core/device.h"

namespace spinvp::peripherals {

struct UartConfig {
  core::Frequency clock = core::Frequency::from_si(3686400);
  bool instant = true;
  static const core::Schema& schema();
};

class Uart : public core::RegisterDevice {
 public:
  static constexpr std::size_t fifo_depth = 16;

  Uart(const sc_core::sc_module_name& name, core::Simulation& simulation, const UartConfig& config);
  // A character arrives on the line. Without room for it, it is lost and LSR.OVERRUN is set. For use inside the simulation (a process or between runs).
  void receive(char character);
  [[nodiscard]] bool can_receive() const { return received_.size() < depth(); }
  // A peer sends `text`, one character after the other. With `instant` each comes as soon as there is room for it, the first not before the guest looks for input
  // (reads LSR or DATA, or enables the interrupt): nothing is lost to a start-up that clears the FIFOs. Otherwise a frame apart, whether there is room or not.
  void send(std::string_view text);
  // Characters of a peer that have not arrived yet, and the first of them, taken off the line: for a console that is not this device's.
  [[nodiscard]] std::size_t on_line() const { return line_in_.size(); }
  std::optional<char> take_from_line();
  // Notified when a peer has sent something.
  [[nodiscard]] sc_core::sc_event& line_event() { return line_event_; }
  // Time of one frame at the present divisor and line format.
  [[nodiscard]] core::SimTime frame() const;

  [[nodiscard]] bool can_power_down() const override { return !shifting_; }
  void describe_state(core::StateArchive& archive) override;

 private:
  UartConfig config_;
  core::Register data_, ier_, iir_, lcr_, mcr_, lsr_, msr_, scr_;
  core::InterruptLine line_;

  std::vector<std::uint8_t> received_, to_send_;
  std::deque<char> line_in_;  // what the peer has still to send
  bool listening_ = false;    // the guest has looked for input
  std::uint8_t shift_ = 0;    // the character on the line
  bool shifting_ = false;
  std::uint16_t divisor_ = 0;
  std::uint8_t fcr_ = 0, enabled_ = 0;  // FIFO control, interrupt enable
  std::uint8_t line_errors_ = 0;        // LSR bits that a read clears
  std::uint8_t modem_changes_ = 0;
  bool transmit_interrupt_ = false;  // THR became empty and nobody has looked yet
  bool timed_out_ = false;
  core::SimTime sent_at_ = core::SimTime::never(), timeout_at_ = core::SimTime::never(), arrival_at_ = core::SimTime::never();  // when the events below fire
  sc_core::sc_event sent_, timeout_, arrival_, line_event_;

  [[nodiscard]] bool fifo_enabled() const { return (fcr_ & 1) != 0; }
  [[nodiscard]] std::size_t depth() const { return fifo_enabled() ? fifo_depth : 1; }
  [[nodiscard]] std::size_t trigger() const;
  [[nodiscard]] bool divisor_latch() const;
  [[nodiscard]] bool loopback() const;
  [[nodiscard]] std::uint8_t line_status() const;
  [[nodiscard]] std::uint8_t modem_status() const;
  [[nodiscard]] std::uint8_t identification() const;

  std::uint64_t read_data();
  void write_data(std::uint8_t value);
  void write_fifo_control(std::uint8_t value);
  void write_interrupt_enable(std::uint8_t value);
  void start_frame();
  void frame_sent();
  void deliver(std::uint8_t value);
  void arrive();
  void listen();
  void restart_timeout();
  void update();
  void on_reset() override;
  void clear();
};

}  // namespace spinvp::peripherals
