#include "platform/soc/uart_connection.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "models/core/error.h"
#include "models/core/transport.h"

namespace spinvp::platform {

namespace {

// No more is taken from outside than this while the guest does not read: its own end of the line is full.
constexpr std::size_t most_on_line = 4096;

// Feeds the UART from a descriptor.
class Stream : public UartConnection, public OutsideInput {
 public:
  Stream(peripherals::Uart& uart, int input) : uart_(uart), input_(input) {}
  OutsideInput* outside() override { return this; }
  [[nodiscard]] bool open() const override { return open_; }
  [[nodiscard]] int descriptor() const override { return open_ && uart_.on_line() < most_on_line ? input_ : -1; }

  void take() override {
    while (descriptor() >= 0) {
      pollfd ready{input_, POLLIN, 0};
      if (::poll(&ready, 1, 0) <= 0 || ready.revents == 0) return;
      std::array<char, 1024> text{};
      const ssize_t got = ::read(input_, text.data(), text.size());
      if (got > 0) {
        uart_.send(std::string_view(text.data(), static_cast<std::size_t>(got)));
      } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
        open_ = false;
        uart_.line_event().notify(sc_core::SC_ZERO_TIME);
      }
    }
  }

 private:
  peripherals::Uart& uart_;
  int input_;
  bool open_ = true;
};

// A terminal gives each key at once and does not echo: the guest does. Ctrl-C stays the user's.
class Stdin : public Stream {
 public:
  explicit Stdin(peripherals::Uart& uart) : Stream(uart, STDIN_FILENO) {
    terminal_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!terminal_) return;
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    keys.c_iflag &= ~static_cast<tcflag_t>(ICRNL);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
  }
  ~Stdin() override {
    if (terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Stdin(const Stdin&) = delete;
  Stdin& operator=(const Stdin&) = delete;
  void take() override {
    std::fflush(stdout);  // a prompt without a line's end
    Stream::take();
  }

 private:
  termios before_{};
  bool terminal_ = false;
};

struct PtyPair {
  PtyPair() : master(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
    const auto fail = [] { throw core::FileError(fmt::format("--uart pty: no pseudo-terminal: {}", std::strerror(errno))); };
    std::array<char, 128> name{};
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, name.data(), name.size()) != 0) fail();
    path = name.data();
    // Kept open: without any reader the master would report a hang-up for ever.
    slave = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0) fail();
    termios raw{};
    tcgetattr(slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
  }
  ~PtyPair() {
    if (slave >= 0) ::close(slave);
    if (master >= 0) ::close(master);
  }
  PtyPair(const PtyPair&) = delete;
  PtyPair& operator=(const PtyPair&) = delete;
  int master, slave = -1;
  std::string path;
};

// A line on which nobody may listen: what does not fit the kernel's buffer waits here, and the oldest of too much is lost (uart.log has all).
class Pty : private PtyPair, public Stream {
 public:
  explicit Pty(peripherals::Uart& uart) : Stream(uart, master) { std::fprintf(stderr, "UART: %s\n", path.c_str()); }
  ~Pty() override {
    // What is unread when the last end closes is lost: a reader gets a second to take it.
    constexpr int rounds = 100, round_ms = 10;
    int unread = 0;
    for (int i = 0; i < rounds; ++i) {
      flush();
      if (waiting_.empty() && (::ioctl(slave, FIONREAD, &unread) != 0 || unread == 0)) return;
      ::poll(nullptr, 0, round_ms);
    }
  }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  void guest_character(char character) override {
    constexpr std::size_t most_waiting = 1 << 16;
    if (waiting_.size() >= most_waiting) waiting_.erase(0, most_waiting / 2);
    waiting_ += character;
    if (character == '\n') flush();
  }
  [[nodiscard]] bool takes_output() const override { return true; }
  void take() override {
    flush();
    Stream::take();
  }

 private:
  std::string waiting_;
  void flush() {
    while (!waiting_.empty()) {
      const ssize_t done = ::write(master, waiting_.data(), waiting_.size());
      if (done <= 0) return;
      waiting_.erase(0, static_cast<std::size_t>(done));
    }
  }
};

class Timed : public UartConnection {
 public:
  Timed(peripherals::Uart& uart, std::vector<TimedLine> lines) : uart_(uart), lines_(std::move(lines)) {
    sc_core::sc_spawn(
        [this] {
          for (const TimedLine& line : lines_) {
            if (line.at > core::now()) sc_core::wait(core::to_sc(line.at - core::now()));
            uart_.send(line.text);
          }
          open_ = false;
          uart_.line_event().notify(sc_core::SC_ZERO_TIME);
        },
        "timed_input");
  }
  [[nodiscard]] bool open() const override { return open_; }

 private:
  peripherals::Uart& uart_;
  std::vector<TimedLine> lines_;
  bool open_ = true;
};

}  // namespace

std::unique_ptr<UartConnection> connect_stdin(peripherals::Uart& uart) { return std::make_unique<Stdin>(uart); }
std::unique_ptr<UartConnection> connect_pty(peripherals::Uart& uart) { return std::make_unique<Pty>(uart); }
std::unique_ptr<UartConnection> connect_timed(peripherals::Uart& uart, std::vector<TimedLine> lines) { return std::make_unique<Timed>(uart, std::move(lines)); }

}  // namespace spinvp::platform
