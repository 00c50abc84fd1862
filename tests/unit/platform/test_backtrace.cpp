// Symbols and backtraces on small ELF files: one program, with debug information, without it, with a frame pointer, stripped, and rubbish.
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "platform/debug/backtrace.h"
#include "platform/debug/crash_report.h"
#include "platform/soc/elf_image.h"
#include "tests/unit/platform/elf_writer.h"
#include "tests/unit/riscv/machine.h"

using namespace spinvp;
using namespace spinvp::platform;

namespace {

std::string file_content(const std::string& name) {
  std::ifstream file(std::string(SPINVP_GUEST_FOLDER "/") + name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

int marked_line(const std::string& mark) {
  std::ifstream source(SPINVP_GUEST_SOURCE);
  std::string text;
  for (int line = 1; std::getline(source, text); ++line)
    if (text.find("HERE: " + mark) != std::string::npos) return line;
  return 0;
}

// The program after its breakpoint, which nobody handles.
struct Stopped {
  ElfImage image;
  Symbols symbols;
  riscv::test::Machine machine;
  HartState state;

  explicit Stopped(const std::string& name) : image(read_elf(std::string(SPINVP_GUEST_FOLDER "/") + name, name)), symbols(file_content(name)) {
    for (const ElfImage::Segment& segment : image.segments)
      std::memcpy(&machine.ram.at(segment.address - riscv::test::ram_base), segment.bytes.data(), segment.bytes.size());
    machine.hart.reset(image.entry);
    REQUIRE(machine.hart.run({.cycles = 100000}) == riscv::Stop::crash);
    state.pc = machine.hart.crash().pc;
    for (unsigned i = 0; i < 32; ++i) state.x[i] = machine.hart.x(i);
    state.entry = image.entry;
    state.read = [this](std::uint64_t address, unsigned size) -> std::optional<std::uint64_t> {
      if (address < riscv::test::ram_base || address - riscv::test::ram_base > riscv::test::ram_size - size) return std::nullopt;
      return machine.word(address, size);
    };
  }
  [[nodiscard]] std::vector<std::string> functions() const {
    std::vector<std::string> names;
    const Backtrace backtrace(symbols, state);
    for (std::size_t i = 0; i < backtrace.frames().size(); ++i) {
      const StackFrame& frame = backtrace.frames()[i];
      const NamedRange* function = symbols.function_at(i == 0 ? frame.pc : frame.pc - 1);
      names.push_back((frame.guessed ? "? " : "") + (function != nullptr ? function->name : std::string("-")));
    }
    return names;
  }
};

}  // namespace

TEST_CASE("With debug information every frame is sure, and has its line") {
  const Stopped program("frames.elf");
  CHECK(program.functions() == std::vector<std::string>{"deepest", "middle", "outer", "start"});
  const auto lines = Backtrace(program.symbols, program.state).lines();
  REQUIRE(lines.size() == 4);
  for (const auto& [line, mark] : {std::pair{0, "deepest"}, {1, "middle"}, {2, "outer"}}) {
    INFO(lines[static_cast<std::size_t>(line)]);
    CHECK(lines[static_cast<std::size_t>(line)].ends_with(fmt::format("{} (guest/frames.c:{})", mark, marked_line(mark))));
  }
}

TEST_CASE("Without it frames are guessed and say so") {
  CHECK(Stopped("frames_pointer.elf").functions() == std::vector<std::string>{"deepest", "? middle", "? outer", "? start"});
  CHECK(Stopped("frames_plain.elf").functions() == std::vector<std::string>{"deepest", "? middle", "? outer", "? start"});
}

TEST_CASE("A stripped file still gives addresses") {
  const Stopped program("frames_stripped.elf");
  CHECK(program.symbols.functions().empty());
  CHECK(program.functions().size() >= 2);
  CHECK(program.symbols.code_text(0x80000010) == "0x80000010");
}

TEST_CASE("Addresses of data have an object, an offset and a section") {
  const Stopped program("frames.elf");
  const std::uint64_t table = program.image.symbol("table").value();
  CHECK(program.symbols.data_text(table) == "table in .data");
  CHECK(program.symbols.data_text(table + 12) == "table+0xc in .data");
  CHECK(program.symbols.data_text(0x40).empty());
  REQUIRE(program.symbols.section_at(program.image.entry) != nullptr);
  CHECK_FALSE(program.symbols.section_at(program.image.entry)->writable);
}

TEST_CASE("Frame rules follow the prologue: before it the return address is in its register, behind it on the stack") {
  const Stopped program("frames.elf");
  const NamedRange* middle = program.symbols.function_at(program.image.symbol("middle").value());
  REQUIRE(middle != nullptr);
  const auto before = program.symbols.frame_rules(middle->start);
  REQUIRE(before);
  CHECK(before->cfa_register == 2);
  CHECK(before->cfa_offset == 0);
  CHECK(before->registers[1].kind == FrameRules::Kind::same);
  const Backtrace backtrace(program.symbols, program.state);
  const auto inside = program.symbols.frame_rules(backtrace.frames().at(1).pc - 1);
  REQUIRE(inside);
  CHECK(inside->cfa_offset >= 20 * 8);
  CHECK(inside->registers[1].kind == FrameRules::Kind::in_memory);
  CHECK(inside->registers[1].offset < 0);
}

TEST_CASE("Rubbish and damaged files give empty answers") {
  for (const std::string& content : {std::string(), std::string(300, 'x'), file_content("frames.elf").substr(0, 700)}) {
    const Symbols symbols(content);
    CHECK(symbols.function_at(0x80000000) == nullptr);
    CHECK_FALSE(symbols.line_at(0x80000000));
    CHECK_FALSE(symbols.frame_rules(0x80000000));
  }
  // Damage at every place, one byte each: no answer matters, as long as there is one.
  const std::string sound = file_content("frames.elf");
  for (std::size_t at = 0; at < sound.size(); at += 97) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(~damaged[at]);
    const Symbols symbols(damaged);
    for (std::uint64_t pc = 0x80000000; pc < 0x80000150; pc += 8) (void)symbols.code_text(pc), (void)symbols.frame_rules(pc);
  }
}

TEST_CASE("A stack of nonsense ends the walk") {
  Stopped program("frames.elf");
  for (std::uint64_t at = 0x8000f000; at < 0x80010000; at += 8) program.machine.set_word(at, 0x5a5a5a5a5a5a5a5a);
  CHECK(program.functions().size() <= 2);
  program.state.x[2] = ~std::uint64_t{7};
  CHECK(program.functions().size() <= 2);
}

TEST_CASE("Traps by name") {
  CHECK(trap_name(7) == "store access fault");
  CHECK(trap_name(std::uint64_t{1} << 63 | 7) == "machine timer interrupt");
  CHECK(trap_name(24) == "cause 0x18");
}
