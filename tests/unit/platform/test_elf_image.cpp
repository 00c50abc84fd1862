// The ELF reader: what it takes from a right file, and one line of reason for each wrong one.
#include <catch2/catch.hpp>

#include "elf_writer.h"
#include "models/core/error.h"
#include "platform/soc/elf_image.h"

using namespace spinvp;
using platform::parse_elf;
using test::ElfWriter;

namespace {

ElfWriter good() { return ElfWriter().segment(0x80000000, "text").segment(0x80001000, "data", 100); }

std::string complaint(const std::string& bytes) {
  try {
    parse_elf(bytes, "x.elf");
  } catch (const core::InputError& error) {
    CHECK(error.status() == core::ExitStatus::bad_input);
    const std::string line = error.what();
    CHECK(line.starts_with("x.elf: "));
    CHECK(line.find('\n') == std::string::npos);
    return line;
  }
  return "accepted";
}

bool says(const ElfWriter& elf, const std::string& words) {
  const std::string line = complaint(elf.bytes());
  INFO(line);
  CHECK(line.find(words) != std::string::npos);
  return line.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("A right ELF gives its entry, its segments by address and its symbols") {
  ElfWriter elf = ElfWriter().segment(0x80001000, "data", 100).segment(0x80000000, "text");
  elf.symbols = {{"tohost", 0x80001008}, {"_end", 0x80001064}};
  const auto image = parse_elf(elf.bytes(), "x.elf");
  CHECK(image.entry == 0x80000000);
  REQUIRE(image.segments.size() == 2);
  CHECK(image.segments[0].bytes == "text");
  CHECK(image.segments[1].address == 0x80001000);
  CHECK(image.segments[1].size == 100);
  CHECK(image.segments[1].bytes == "data");
  CHECK(image.symbol("tohost") == 0x80001008);
  CHECK_FALSE(image.symbol("fromhost").has_value());
}

TEST_CASE("Files that are no ELF, cut off or damaged are refused") {
  CHECK(complaint("").find("is not an ELF file") != std::string::npos);
  CHECK(complaint("hello").find("is not an ELF file") != std::string::npos);
  CHECK(complaint(std::string("\x7f"
                              "ELF\x02\x01\x01",
                              7) +
                  std::string(20, '\0'))
            .find("allowed") != std::string::npos);
  const std::string whole = good().bytes();
  for (std::size_t length = 0; length < whole.size() - 1; ++length) {
    INFO(length);
    CHECK(complaint(whole.substr(0, length)) != "accepted");
  }
}

TEST_CASE("Other machines, classes, byte orders and types are refused by name") {
  ElfWriter elf = good();
  elf.header.e_machine = EM_X86_64;
  CHECK(says(elf, "is for machine 62; allowed is RISC-V (243)"));
  elf = good();
  elf.header.e_type = ET_DYN;
  CHECK(says(elf, "ELF type 3"));
  elf = good();
  elf.header.e_type = ET_REL;
  CHECK(says(elf, "ELF type 1"));
  elf = good();
  elf.header.e_ident[EI_CLASS] = ELFCLASS32;
  CHECK(complaint(elf.bytes()) != "accepted");
  elf = good();
  elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
  CHECK(complaint(elf.bytes()) != "accepted");
}

TEST_CASE("Segments must exist, lie inside the file, not overlap, not wrap around, and hold the entry") {
  CHECK(says(ElfWriter(), "has no segment to load"));
  CHECK(says(ElfWriter().segment(0x80000000, "0123456789").segment(0x80000009, "x"), "overlap"));
  CHECK(complaint(ElfWriter().segment(0x80000000, "0123456789").segment(0x8000000a, "x").bytes()) == "accepted");
  CHECK(says(ElfWriter().segment(0x80000000, "text").segment(0xfffffffffffffffe, "four"), "wraps around"));
  ElfWriter elf = good();
  elf.header.e_entry = 0x80000004;
  CHECK(says(elf, "the entry 0x80000004 lies in no segment"));
  elf = good();
  elf.segments[1].first.p_filesz = 1 << 20;
  elf.segments[1].first.p_memsz = 1 << 20;
  CHECK(says(elf, "ends beyond the file"));
  elf = good();
  elf.segments[1].first.p_offset = ~std::uint64_t{0} - 1;
  CHECK(complaint(elf.bytes()) != "accepted");
  elf = good();
  elf.segments[1].first.p_memsz = 3;
  CHECK(says(elf, "has 4 bytes in the file but only 3 in memory"));
}

TEST_CASE("A damaged symbol table costs the symbols and nothing else") {
  ElfWriter elf = good();
  elf.symbols = {{"tohost", 1}};
  std::string bytes = elf.bytes();
  for (std::size_t at = bytes.size() - 2 * sizeof(Elf64_Shdr); at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(~damaged[at]);
    CHECK(parse_elf(damaged, "x.elf").segments.size() == 2);
  }
}

TEST_CASE("A file that is not there cannot be read") { CHECK_THROWS_AS(platform::read_elf("no/such.elf", "no/such.elf"), core::FileError); }
