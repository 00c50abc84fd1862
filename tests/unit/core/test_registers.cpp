#include <catch2/catch.hpp>

#include <rapidcheck.h>

#include "models/core/error.h"
#include "models/core/registers.h"

using namespace spinvp::core;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Result = RegisterBank::Result;

struct Bank {
  RegisterBank bank;
  Register control{bank, {.name = "CONTROL", .offset = 0x0, .reset = 0x11223344, .text = "", .fields = {{"ENABLE", 0, 1, ""}, {"MODE", 4, 3, ""}}}};
  Register address{bank, {.name = "ADDRESS", .offset = 0x8, .width = 8, .text = ""}};
  Register status{bank, {.name = "STATUS", .offset = 0x10, .access = Access::read_only, .reset = 0xabcd, .text = ""}};
  Register doorbell{bank, {.name = "DOORBELL", .offset = 0x14, .access = Access::write_only, .text = ""}};
  Register interrupt{bank, {.name = "INTERRUPT", .offset = 0x18, .access = Access::write_one_to_clear, .text = ""}};
  Register byte{bank, {.name = "BYTE", .offset = 0x1c, .width = 1, .text = ""}};
  Register half{bank, {.name = "HALF", .offset = 0x1e, .width = 2, .text = ""}};
  Register even{bank, {.name = "EVEN", .offset = 0x40, .text = "", .count = 4, .stride = 16}};  // these two interleave
  Register odd{bank, {.name = "ODD", .offset = 0x44, .text = "", .count = 4, .stride = 16}};
  explicit Bank(Violation violation = Violation::error) : bank(0x100, violation) {}

  Result read(std::uint64_t offset, Bytes& data) { return bank.read(offset, data); }
  std::uint64_t value(std::uint64_t offset, std::size_t length) {
    Bytes data(length);
    REQUIRE(bank.read(offset, data) == Result::ok);
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < length; ++i) v |= std::uint64_t{data[i]} << (8 * i);
    return v;
  }
  Result write(std::uint64_t offset, std::uint64_t v, std::size_t length) {
    Bytes data(length);
    for (std::size_t i = 0; i < length; ++i) data[i] = static_cast<std::uint8_t>(v >> (8 * i));
    return bank.write(offset, data);
  }
};

}  // namespace

TEST_CASE("A register holds what is written, byte by byte or whole") {
  Bank b;
  CHECK(b.value(0, 4) == 0x11223344);
  CHECK(b.write(0, 0xdeadbeef, 4) == Result::ok);
  CHECK(b.value(0, 4) == 0xdeadbeef);
  CHECK(b.write(1, 0x55, 1) == Result::ok);
  CHECK(b.value(0, 4) == 0xdead55ef);
  CHECK(b.value(2, 2) == 0xdead);
  CHECK(b.write(8, 0x0123456789abcdef, 8) == Result::ok);
  CHECK(b.write(12, 0x42, 4) == Result::ok);
  CHECK(b.value(8, 8) == 0x0000004289abcdef);
  CHECK(b.value(11, 3) == 0x004289);  // misaligned, inside one register
}

TEST_CASE("An access across several registers touches each of them once") {
  Bank b;
  int status_reads = 0, interrupt_writes = 0, byte_writes = 0;
  b.status.on_read([&] {
    ++status_reads;
    return 0x1234u;
  });
  b.interrupt.on_write([&](std::uint64_t, std::uint64_t) { ++interrupt_writes; });
  b.byte.on_write([&](std::uint64_t, std::uint64_t) { ++byte_writes; });
  b.address.set(0xaabbccdd00112233);
  CHECK(b.value(0x0c, 6) == 0x1234aabbccdd);
  CHECK(status_reads == 1);
  CHECK(b.write(0x18, 0x7700000000, 5) == Result::ok);
  CHECK(interrupt_writes == 1);
  CHECK(byte_writes == 1);
  CHECK(b.byte.get() == 0x77);
}

TEST_CASE("A write calls back with the old and the merged value, and the callback may store another") {
  Bank b;
  std::pair<std::uint64_t, std::uint64_t> seen;
  b.control.on_write([&](std::uint64_t old, std::uint64_t now) {
    seen = {old, now};
    b.control.set(now & 0xff);
  });
  CHECK(b.write(2, 0xeeff, 2) == Result::ok);
  CHECK(seen == std::pair<std::uint64_t, std::uint64_t>{0x11223344, 0xeeff3344});
  CHECK(b.control.get() == 0x44);
}

TEST_CASE("A partial write into a computed register merges with the computed value") {
  Bank b;
  std::uint64_t counter = 0x1111111122222222, written = 0;
  b.address.on_read([&] { return counter; });
  b.address.on_peek([&](unsigned) { return counter; });
  b.address.on_write([&](std::uint64_t, std::uint64_t now) { written = now; });
  CHECK(b.write(12, 0x33333333, 4) == Result::ok);
  CHECK(written == 0x3333333322222222);
}

TEST_CASE("Rights are kept, and an access with an error in it has no effect at all") {
  Bank b;
  Bytes four(4), eight(8), twelve(12);
  CHECK(b.write(0x10, 0, 4) == Result::not_writable);
  CHECK(b.read(0x14, four) == Result::not_readable);
  CHECK(b.read(0x10, eight) == Result::not_readable);  // STATUS and DOORBELL
  CHECK(b.read(0x04, four) == Result::no_register);
  CHECK(b.read(0x1d, four) == Result::no_register);  // the byte between BYTE and HALF
  CHECK(b.read(0xfc, four) == Result::no_register);
  // ADDRESS is writable but STATUS is not: neither changes.
  CHECK(b.bank.write(0x08, twelve) == Result::not_writable);
  b.address.set(5);
  CHECK(b.bank.write(0x08, Bytes(12, 0xff)) == Result::not_writable);
  CHECK(b.address.get() == 5);
  CHECK(b.write(0x0, 0xffffffffff, 5) == Result::no_register);
  CHECK(b.control.get() == 0x11223344);
}

TEST_CASE("A lenient bank reads zero and ignores where a strict one refuses") {
  Bank b(Violation::ignore);
  CHECK(b.value(0x04, 4) == 0);
  CHECK(b.value(0x10, 8) == 0xabcd);  // the write-only half reads zero
  CHECK(b.write(0x10, 0xffffffff, 4) == Result::ok);
  CHECK(b.status.get() == 0xabcd);
  CHECK(b.write(0x0, 0xffffffffff, 5) == Result::ok);
  CHECK(b.control.get() == 0xffffffff);
}

TEST_CASE("Ones clear, byte by byte") {
  Bank b;
  std::pair<std::uint64_t, std::uint64_t> seen;
  b.interrupt.on_write([&](std::uint64_t old, std::uint64_t now) { seen = {old, now}; });
  b.interrupt.set(0xffff00ff);
  CHECK(b.write(0x18, 0x0f, 4) == Result::ok);
  CHECK(b.interrupt.get() == 0xffff00f0);
  CHECK(b.write(0x1b, 0x80, 1) == Result::ok);
  CHECK(b.interrupt.get() == 0x7fff00f0);
  CHECK(seen == std::pair<std::uint64_t, std::uint64_t>{0xffff00f0, 0x7fff00f0});
}

TEST_CASE("Arrays that interleave keep their elements apart") {
  Bank b;
  std::vector<std::pair<unsigned, std::uint64_t>> written;
  b.odd.on_write_at([&](unsigned index, std::uint64_t, std::uint64_t now) { written.emplace_back(index, now); });
  for (unsigned i = 0; i < 4; ++i) {
    CHECK(b.write(0x40 + 16 * i, 100 + i, 4) == Result::ok);
    CHECK(b.write(0x44 + 16 * i, 200 + i, 4) == Result::ok);
  }
  for (unsigned i = 0; i < 4; ++i) {
    CHECK(b.even.get(i) == 100 + i);
    CHECK(b.odd.get(i) == 200 + i);
    CHECK(b.value(0x40 + 16 * i, 8) == (std::uint64_t{200 + i} << 32 | (100 + i)));
  }
  CHECK(written.size() == 4);
  Bytes four(4);
  CHECK(b.read(0x48, four) == Result::no_register);
  CHECK(b.read(0x80, four) == Result::no_register);
}

TEST_CASE("Fields are read and set in place") {
  Bank b;
  b.control.set(0);
  b.control.set_field("MODE", 5);
  CHECK(b.control.get() == 0x50);
  b.control.set_field("ENABLE", 1);
  b.control.set_field("MODE", 0xff);  // cut to its three bits
  CHECK(b.control.get() == 0x71);
  CHECK(b.control.field("MODE") == 7);
  CHECK_THROWS_AS(b.control.field("NONE"), std::logic_error);
}

TEST_CASE("Narrow registers keep their width") {
  Bank b;
  b.byte.set(0x1ff);
  CHECK(b.byte.get() == 0xff);
  CHECK(b.write(0x1e, 0xabcd, 2) == Result::ok);
  CHECK(b.value(0x1e, 2) == 0xabcd);
}

TEST_CASE("The debugger reads and writes without callbacks or rights") {
  Bank b;
  int calls = 0;
  b.status.on_read([&] {
    ++calls;
    return 1u;
  });
  b.status.on_write([&](std::uint64_t, std::uint64_t) { ++calls; });
  b.doorbell.set(0x77);
  Bytes data(12);
  b.bank.peek(0x0c, data);
  CHECK(data[4] == 0xcd);
  CHECK(data[8] == 0x77);
  b.bank.poke(0x10, Bytes{1, 2});
  CHECK(b.status.get() == 0x0201);
  b.bank.peek(0x20, data);  // no register: zero
  CHECK(data == Bytes(12));
  b.status.on_peek([](unsigned) { return 0x99u; });
  b.bank.peek(0x10, data);
  CHECK(data[0] == 0x99);
  CHECK(calls == 0);
}

TEST_CASE("Only a register that says so lets an initiator run ahead of it") {
  RegisterBank bank(0x10);
  Register fast(bank, {.name = "FAST", .offset = 0, .text = "", .synchronise = false}), slow(bank, {.name = "SLOW", .offset = 4, .text = ""});
  CHECK_FALSE(bank.synchronises(0, 4));
  CHECK(bank.synchronises(4, 4));
  CHECK(bank.synchronises(0, 8));
  CHECK(bank.synchronises(8, 4));
}

TEST_CASE("Reset and saved state bring back every element") {
  Bank b;
  b.control.set(1);
  b.even.set(77, 3);
  StateArchive out;
  b.bank.describe_state(out);
  b.bank.reset();
  CHECK(b.control.get() == 0x11223344);
  CHECK(b.even.get(3) == 0);
  StateArchive in(out.bytes());
  b.bank.describe_state(in);
  CHECK(b.control.get() == 1);
  CHECK(b.even.get(3) == 77);
}

TEST_CASE("A snapshot of a bank with another number of elements is refused") {
  RegisterBank four(0x100), eight(0x100);
  Register small(four, {.name = "R", .offset = 0, .text = "", .count = 4}), large(eight, {.name = "R", .offset = 0, .text = "", .count = 8});
  StateArchive out;
  four.describe_state(out);
  StateArchive in(out.bytes());
  CHECK_THROWS_AS(eight.describe_state(in), InputError);
  CHECK(large.get(7) == 0);
}

TEST_CASE("A register outside its bank is a programming error") {
  RegisterBank bank(0x10);
  CHECK_THROWS_AS(Register(bank, {.name = "FAR", .offset = 0x0c, .width = 8, .text = ""}), std::logic_error);
  CHECK_THROWS_AS(Register(bank, {.name = "ARRAY", .offset = 0, .text = "", .count = 5}), std::logic_error);
}

TEST_CASE("Property: any mix of accesses to plain registers acts like plain bytes") {
  REQUIRE(rc::check("against an array of bytes", [] {
    RegisterBank bank(16);
    Register a(bank, {.name = "A", .offset = 0, .text = ""}), b(bank, {.name = "B", .offset = 4, .width = 1, .text = ""}),
        c(bank, {.name = "C", .offset = 5, .width = 1, .text = ""}), d(bank, {.name = "D", .offset = 6, .width = 2, .text = ""}),
        e(bank, {.name = "E", .offset = 8, .width = 8, .text = ""});
    Bytes reference(16);
    const auto accesses = *rc::gen::container<std::vector<std::tuple<bool, unsigned, Bytes>>>(
        rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange(0u, 16u), rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>())));
    for (const auto& [is_write, offset, bytes] : accesses) {
      const std::size_t length = std::min<std::size_t>(bytes.size(), 16 - offset);
      const Bytes data(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
      if (is_write) {
        RC_ASSERT(bank.write(offset, data) == Result::ok);
        std::copy(data.begin(), data.end(), reference.begin() + offset);
      } else {
        Bytes read(length);
        RC_ASSERT(bank.read(offset, read) == Result::ok);
        RC_ASSERT(std::equal(read.begin(), read.end(), reference.begin() + offset));
      }
    }
  }));
}
