// The framing of GDB's remote protocol over bytes, whatever carries them: `$payload#checksum`, acknowledgements, escapes, the interrupt byte 0x03.
//
// Source: "Debugging with GDB", appendix E.1 (overview) and E.9 (interrupts).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace spinvp::platform {

class PacketLink {
 public:
  // Payload bytes of the longest packet taken, as told to the client (PacketSize).
  static constexpr std::size_t longest_packet = 0x4000;

  struct Event {
    enum class Kind { packet, interrupt, oversize } kind;
    std::string payload;  // of a packet, escapes undone
  };
  // Bytes as they come in, in pieces of any size. A packet with a wrong checksum is refused ('-') and gives no event; noise between packets is ignored.
  void receive(std::string_view bytes);
  std::optional<Event> next();

  // Frames an answer. It is kept, and sent anew when the client refuses it.
  void send(std::string_view payload);
  // What is to be written to the client since the last call.
  std::string take_output();

  // QStartNoAckMode: no more acknowledgements, in either direction.
  void stop_acknowledging() { acknowledges_ = false; }

 private:
  enum class State { idle, payload, first_digit, second_digit } state_ = State::idle;
  std::string raw_, output_, last_sent_;
  bool acknowledges_ = true, oversize_ = false;
  char digits_[2] = {};
  std::deque<Event> events_;

  void take(char c);
  void finish_packet();
};

}  // namespace spinvp::platform
