// The framing of the remote protocol: what a client sends, right and wrong, and what it gets back.
#include <catch2/catch.hpp>

#include "platform/debug/packet_link.h"

using spinvp::platform::PacketLink;
using Kind = PacketLink::Event::Kind;

TEST_CASE("A packet is acknowledged and its payload handed on, however its bytes are cut") {
  PacketLink link;
  for (const char c : std::string("+noise$qC#b4")) link.receive({&c, 1});  // 'q' + 'C' = 0x71 + 0x43
  const auto event = link.next();
  REQUIRE(event);
  CHECK(event->kind == Kind::packet);
  CHECK(event->payload == "qC");
  CHECK(link.take_output() == "+");
  CHECK_FALSE(link.next());
}

TEST_CASE("A wrong checksum is refused, and no digits are a wrong checksum") {
  PacketLink link;
  link.receive("$qC#b5$qC#zz");
  CHECK_FALSE(link.next());
  CHECK(link.take_output() == "--");
}

TEST_CASE("An answer is framed, its special characters escaped, and sent anew when refused") {
  PacketLink link;
  link.send("a*#$}");
  const std::string framed = link.take_output();
  CHECK(framed == "$a}\x0a}\x03}\x04}]#c3");  // 61 + 4 * 7d + 0a + 03 + 04 + 5d = 2c3, modulo 256
  link.receive("-");
  CHECK(link.take_output() == framed);
}

TEST_CASE("Escapes are undone, the interrupt byte is an event of its own") {
  PacketLink link;
  link.receive("\x03$X0,1:}\x03#5a");
  CHECK(link.next()->kind == Kind::interrupt);
  const auto event = link.next();
  CHECK((!event || event->payload == "X0,1:#"));
}

TEST_CASE("Without acknowledgements none are sent") {
  PacketLink link;
  link.stop_acknowledging();
  link.receive("$g#67-");
  CHECK(link.next()->payload == "g");
  CHECK(link.take_output().empty());
}

TEST_CASE("A packet beyond the size that was told is reported, and the next one is read") {
  PacketLink link;
  link.receive("$" + std::string(10 * PacketLink::longest_packet, 'm') + "#00$g#67");
  CHECK(link.next()->kind == Kind::oversize);
  CHECK(link.next()->payload == "g");
}
