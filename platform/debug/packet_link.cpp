#include "platform/debug/packet_link.h"

#include <utility>

#include "platform/debug/hex.h"

namespace spinvp::platform {

namespace {

constexpr char interrupt_byte = 0x03, escape = 0x7d;

char checksum(std::string_view raw) {
  unsigned sum = 0;
  for (const char c : raw) sum += static_cast<unsigned char>(c);
  return static_cast<char>(sum & 0xff);
}

std::string unescaped(const std::string& raw) {
  std::string payload;
  for (std::size_t i = 0; i < raw.size(); ++i) payload += raw[i] == escape && i + 1 < raw.size() ? static_cast<char>(raw[++i] ^ 0x20) : raw[i];
  return payload;
}

// '*' too: in an answer it would announce a repetition.
std::string escaped(std::string_view payload) {
  std::string raw;
  for (const char c : payload) {
    const bool special = c == '#' || c == '$' || c == '*' || c == escape;
    if (special) raw += escape;
    raw += special ? static_cast<char>(c ^ 0x20) : c;
  }
  return raw;
}

}  // namespace

void PacketLink::receive(std::string_view bytes) {
  for (const char c : bytes) take(c);
}

void PacketLink::take(char c) {
  switch (state_) {
    case State::idle:
      if (c == '$') {
        raw_.clear();
        oversize_ = false;
        state_ = State::payload;
      } else if (c == interrupt_byte) {
        events_.push_back({Event::Kind::interrupt, {}});
      } else if (c == '-' && acknowledges_) {
        output_ += last_sent_;
      }
      break;
    case State::payload:
      if (c == '#')
        state_ = State::first_digit;
      else if (c == '$')  // the rest of a packet was lost, and a new one begins
        raw_.clear();
      else if (raw_.size() >= longest_packet)
        oversize_ = true;
      else
        raw_ += c;
      break;
    case State::first_digit:
      digits_[0] = c;
      state_ = State::second_digit;
      break;
    case State::second_digit:
      digits_[1] = c;
      state_ = State::idle;
      finish_packet();
      break;
  }
}

void PacketLink::finish_packet() {
  if (oversize_) {  // sent again it would be no shorter
    if (acknowledges_) output_ += '+';
    events_.push_back({Event::Kind::oversize, {}});
    return;
  }
  const auto sum = from_hex({digits_, 2});
  if (acknowledges_) {
    const bool good = sum && sum->front() == checksum(raw_);
    output_ += good ? '+' : '-';
    if (!good) return;
  }
  events_.push_back({Event::Kind::packet, unescaped(raw_)});
}

std::optional<PacketLink::Event> PacketLink::next() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void PacketLink::send(std::string_view payload) {
  const std::string raw = escaped(payload);
  last_sent_ = "$" + raw + "#" + to_hex({std::string(1, checksum(raw))});
  output_ += last_sent_;
}

std::string PacketLink::take_output() { return std::exchange(output_, {}); }

}  // namespace spinvp::platform
