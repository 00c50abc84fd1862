#include "models/peripherals/uart.h"
#include "tests/unit/peripherals/bench.h"

using namespace spinvp::test;
using spinvp::peripherals::Uart;
using spinvp::peripherals::UartConfig;

namespace {

using byte = std::uint8_t;
enum Offset : std::uint64_t { data = 0, ier = 1, iir = 2, lcr = 3, mcr = 4, lsr = 5, msr = 6, scr = 7 };

struct UartBench {
  Simulation simulation;
  Uart device;
  Bench bench{"bench", device};
  LineProbe probe;
  std::string console;
  std::vector<SimTime> times;
  explicit UartBench(UartConfig config = {}) : device("uart", simulation, config) {
    device.interrupt()->bind(probe, 10);
    simulation.on_console = [this](char c) {
      console += c;
      times.push_back(now());
    };
  }
  bool line() { return probe.level[10]; }
  byte in(std::uint64_t offset) { return bench.read<byte>(offset); }
  void out(std::uint64_t offset, unsigned value) { bench.write<byte>(offset, static_cast<byte>(value)); }
};

UartConfig timed() {
  UartConfig config;
  config.instant = false;
  return config;
}

}  // namespace

TEST_CASE("Characters go to the console at once, and the transmitter is always empty") {
  UartBench u;
  u.bench.run([&] {
    CHECK(u.in(lsr) == 0x60);
    for (const char c : std::string("hello")) u.out(data, static_cast<byte>(c));
    CHECK(u.in(lsr) == 0x60);
  });
  CHECK(u.console == "hello");
  CHECK(u.times.back() == SimTime());
}

TEST_CASE("DLAB overlays the divisor on offsets 0 and 1") {
  UartBench u;
  u.bench.run([&] {
    u.out(ier, 0x05);
    u.out(lcr, 0x83);
    u.out(data, 0x34);
    u.out(ier, 0x12);
    CHECK(u.in(data) == 0x34);
    CHECK(u.in(ier) == 0x12);
    u.out(lcr, 0x03);
    CHECK(u.in(ier) == 0x05);
    CHECK(u.in(data) == 0);
    u.out(scr, 0xa7);
    CHECK(u.in(scr) == 0xa7);
  });
  CHECK(u.console.empty());
  // 8 data bits, no parity, one stop bit: 10 bits x 16 x 0x1234 / 3.6864 MHz.
  CHECK(u.device.frame() == SimTime::from(Time::from_si(10.0 * 16 * 0x1234 / 3686400)));
}

TEST_CASE("The frame time follows data bits, parity and stop bits") {
  UartBench u;
  // 19,200 baud after reset; (LCR, bits of a frame)
  const std::pair<unsigned, double> formats[] = {{0x00, 7}, {0x03, 10}, {0x0b, 11}, {0x0f, 12}, {0x04, 7.5}};
  u.bench.run([&] {
    for (const auto& [format, bits] : formats) {
      u.out(lcr, format);
      CHECK(u.device.frame() == SimTime::from(Time::from_si(bits / 19200)));
    }
  });
}

TEST_CASE("The transmitter interrupt comes when enabled, goes with IIR's reading, and comes again after the next character") {
  UartBench u;
  u.bench.run([&] {
    CHECK(u.in(iir) == 0x01);
    u.out(ier, 2);
    CHECK(u.line());
    CHECK(u.in(iir) == 0x02);
    CHECK_FALSE(u.line());
    CHECK(u.in(iir) == 0x01);
    u.out(data, 'x');
    CHECK(u.line());
    u.out(ier, 0);
    CHECK_FALSE(u.line());
  });
}

TEST_CASE("Received data interrupts and is read in order") {
  UartBench u;
  u.bench.run([&] {
    u.out(ier, 1);
    u.out(iir, 0x01);  // FIFOs on, trigger at one
    u.device.receive('a');
    u.device.receive('b');
    CHECK(u.line());
    CHECK(u.in(iir) == 0xc4);
    CHECK(u.in(lsr) == 0x61);
    CHECK(u.bench.peek<byte>(data) == 'a');
    CHECK(u.in(data) == 'a');
    CHECK(u.in(data) == 'b');
    CHECK_FALSE(u.line());
    CHECK(u.in(lsr) == 0x60);
    CHECK(u.in(data) == 0);
  });
}

TEST_CASE("Below the trigger level the interrupt comes as a character timeout after four frames") {
  UartBench u;
  u.bench.run([&] {
    u.out(lcr, 3);
    u.out(ier, 1);
    u.out(iir, 0x41);  // trigger at four
    u.device.receive('a');
    CHECK_FALSE(u.line());
    const SimTime four_frames = 4 * SimTime::from(Time::from_si(10.0 / 19200));
    wait_for(four_frames - SimTime::ps(1));
    CHECK_FALSE(u.line());
    wait_for(SimTime::ps(2));
    CHECK(u.line());
    CHECK(u.in(iir) == 0xcc);
    CHECK(u.in(data) == 'a');
    CHECK_FALSE(u.line());
    for (const char c : {'1', '2', '3'}) u.device.receive(c);
    CHECK_FALSE(u.line());
    u.device.receive('4');
    CHECK(u.in(iir) == 0xc4);
  });
}

TEST_CASE("The receive FIFO holds 16 characters and the 17th is an overrun, which LSR reports once") {
  UartBench u;
  u.bench.run([&] {
    u.out(iir, 0x01);
    u.out(ier, 4);
    for (char c = 'a'; c < 'a' + 16; ++c) {
      CHECK(u.device.can_receive());
      u.device.receive(c);
    }
    CHECK_FALSE(u.device.can_receive());
    CHECK_FALSE(u.line());
    u.device.receive('!');
    CHECK(u.in(iir) == 0xc6);
    CHECK(u.in(lsr) == 0x63);
    CHECK(u.in(lsr) == 0x61);
    CHECK_FALSE(u.line());
    for (char c = 'a'; c < 'a' + 16; ++c) CHECK(u.in(data) == c);
  });
}

TEST_CASE("Without FIFOs one character fits, and the FIFO control clears what waits") {
  UartBench u;
  u.bench.run([&] {
    u.device.receive('a');
    u.device.receive('b');
    CHECK(u.in(lsr) == 0x63);
    u.out(iir, 0x01);  // switching FIFOs on empties them
    CHECK(u.in(lsr) == 0x60);
    u.device.receive('c');
    u.out(iir, 0x03);
    CHECK(u.in(lsr) == 0x60);
  });
}

TEST_CASE("Loopback feeds the transmitter to the receiver and the modem outputs to the inputs") {
  UartBench u;
  u.bench.run([&] {
    CHECK(u.in(msr) == 0xb0);
    u.out(mcr, 0x10);
    CHECK(u.in(msr) == 0x0b);  // CTS, DSR and DCD fell
    u.out(data, 'z');
    CHECK(u.in(lsr) == 0x61);
    CHECK(u.in(data) == 'z');
    u.device.receive('q');  // the pin is disconnected
    CHECK(u.in(lsr) == 0x60);
    u.out(ier, 8);
    u.out(mcr, 0x16);  // RTS, OUT1 -> CTS, RI
    CHECK(u.in(iir) == 0x00);
    CHECK(u.line());
    CHECK(u.in(msr) == 0x51);  // a rising RI is no change
    CHECK_FALSE(u.line());
    u.out(mcr, 0x12);
    CHECK(u.in(msr) == 0x14);  // the end of RI is
  });
  CHECK(u.console.empty());
}

TEST_CASE("Interrupts are identified by priority: line, data, transmitter, modem") {
  UartBench u;
  u.bench.run([&] {
    u.out(mcr, 0x10);
    u.out(ier, 15);
    u.out(data, 'a');
    u.out(data, 'b');  // without FIFOs the second is an overrun
    CHECK(u.in(iir) == 0x06);
    (void)u.in(lsr);
    CHECK(u.in(iir) == 0x04);
    (void)u.in(data);
    CHECK(u.in(iir) == 0x02);
    CHECK(u.in(iir) == 0x00);
    (void)u.in(msr);
    CHECK(u.in(iir) == 0x01);
    CHECK_FALSE(u.line());
  });
}

TEST_CASE("A timed transmitter takes one frame a character") {
  UartBench u(timed());
  const SimTime frame = SimTime::from(Time::from_si(10.0 / 19200));
  u.bench.run([&] {
    u.out(lcr, 3);
    u.out(iir, 1);
    u.out(ier, 2);
    CHECK(u.in(iir) == 0xc2);
    u.out(data, '1');  // goes straight to the shift register
    CHECK(u.in(lsr) == 0x20);
    CHECK(u.in(iir) == 0xc2);
    u.out(data, '2');
    u.out(data, '3');
    CHECK(u.in(lsr) == 0x00);
    CHECK_FALSE(u.line());
    CHECK_FALSE(u.device.can_power_down());
    wait_for(2 * frame + SimTime::ps(1));  // '3' has moved on: the buffer is empty
    CHECK(u.line());
    CHECK(u.in(lsr) == 0x20);
    wait_for(frame);
    CHECK(u.in(lsr) == 0x60);
    CHECK(u.device.can_power_down());
  });
  CHECK(u.console == "123");
  REQUIRE(u.times.size() == 3);
  for (unsigned i = 0; i < 3; ++i) CHECK(u.times[i] == frame * (i + 1));
}

TEST_CASE("A full transmit FIFO loses the character, and without FIFOs the buffer is overwritten") {
  UartBench u(timed());
  u.bench.run([&] {
    u.out(iir, 1);
    for (char c = 'a'; c <= 'r'; ++c) u.out(data, static_cast<byte>(c));  // one in the shift register, 16 in the FIFO, one too many
    wait_for(SimTime::us(20000));
    CHECK(u.console == "abcdefghijklmnopq");
    u.console.clear();
    u.out(iir, 0);
    for (const char c : {'1', '2', '3'}) u.out(data, static_cast<byte>(c));
    wait_for(SimTime::us(20000));
    CHECK(u.console == "13");
  });
}

TEST_CASE("A reset empties the UART in the middle of a frame") {
  UartBench u(timed());
  u.bench.run([&] {
    u.out(iir, 1);
    u.out(ier, 3);
    u.out(data, 'a');
    u.device.receive('b');
    u.device.reset();
    CHECK_FALSE(u.line());
    CHECK(u.in(lsr) == 0x60);
    CHECK(u.in(ier) == 0);
    CHECK(u.in(iir) == 1);
  });
  CHECK(u.console.empty());
}

TEST_CASE("The UART's saved state holds its FIFOs and finishes the frame") {
  UartBench u(timed());
  u.bench.run([&] {
    u.out(lcr, 3);
    u.out(iir, 1);
    u.out(ier, 1);
    u.out(data, 'a');
    u.out(data, 'b');
    u.device.receive('c');
    StateArchive out;
    u.device.describe_state(out);
    u.device.reset();
    StateArchive in(out.bytes());
    u.device.describe_state(in);
    CHECK(u.in(data) == 'c');
  });
  CHECK(u.console == "ab");
}

TEST_CASE("What a peer sends waits until the guest looks, and then for room: nothing is lost") {
  UartBench u;
  const std::string text = "more than the sixteen characters of a FIFO";
  std::string got;
  u.bench.run([&] {
    u.device.send(text);
    CHECK(u.device.on_line() == text.size());
    u.out(iir, 0x07);  // FIFOs on and clear
    while ((u.in(lsr)&1) != 0) got += static_cast<char>(u.in(data));
    CHECK((u.in(lsr)&2) == 0);
  });
  CHECK(got == text);
  CHECK(u.device.on_line() == 0);
}

TEST_CASE("With frames a peer's characters come a frame apart, and what finds no room is lost") {
  UartBench u(timed());
  u.bench.run([&] {
    u.out(lcr, 3);
    const SimTime frame = u.device.frame(), start = now();
    u.device.send("abc");
    wait_for(frame - SimTime::ns(1));
    CHECK(u.device.can_receive());
    wait_for(SimTime::ns(2));
    CHECK_FALSE(u.device.can_receive());
    wait_for(frame + frame);
    CHECK(now() >= start + 3 * frame);
    CHECK((u.in(lsr)&3) == 3);  // data, overrun
    CHECK(u.in(data) == 'a');
  });
}
