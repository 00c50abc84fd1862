#include "platform/report/console.h"

#include <cstdio>
#include <mutex>

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

class LineSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit LineSink(Console& console) : console_(console) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto level = spdlog::level::to_string_view(message.level);
    console_.line(fmt::format("[{}] {}", std::string_view(level.data(), level.size()), std::string_view(message.payload.data(), message.payload.size())));
  }
  void flush_() override {}

 private:
  Console& console_;
};

}  // namespace

void Console::guest_character(char character) {
  uart_log_.put(character);
  if (!options_.guest_on_stdout) return;
  wipe();
  std::fputc(character, stdout);
  if (character == '\n') std::fflush(stdout);
  guest_line_open_ = character != '\n';
}

void Console::progress(std::uint64_t step, float loss, core::SimTime simulated, double energy_j) {
  if (!options_.progress) return;
  const std::string text = fmt::format("step {:4}  loss {:.4f}  simulated {}  energy {}", step, loss, time_words(simulated.seconds()), energy_words(energy_j));
  if (options_.terminal) {
    if (guest_line_open_) return;
    std::fflush(stdout);
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
    progress_shown_ = true;
    return;
  }
  const std::uint64_t every = options_.steps == 0 ? 20 : std::max<std::uint64_t>(options_.steps / 10, 1);
  if (step == 0 || (step + 1) % every == 0) line(text);
}

void Console::line(const std::string& text) {
  finish();
  std::fprintf(stderr, "%s\n", text.c_str());
}

void Console::wipe() {
  if (!progress_shown_) return;
  std::fputs("\r\033[K", stderr);
  progress_shown_ = false;
}

void Console::finish() {
  std::fflush(stdout);
  wipe();
  if (guest_line_open_ && options_.terminal) std::fputc('\n', stderr);
  guest_line_open_ = false;
}

spdlog::sink_ptr Console::log_sink() { return std::make_shared<LineSink>(*this); }

}  // namespace spinvp::platform
