#include "batch.h"

#include <cstring>

#include "tests/unit/platform/elf_writer.h"
#include "tests/unit/riscv/assembler.h"

namespace spinvp::conformance {
namespace {

using namespace riscv::test;

constexpr u32 fcsr = 0x003;
constexpr u64 page = 4096;

u32 fld(u32 f, i32 offset, u32 rs1) { return i_type(offset, rs1, 3, f, 0x07); }
u32 fsd(u32 f, i32 offset, u32 rs1) { return s_type(offset, f, rs1, 3, 0x27); }
// Of a word of the register file, from base - 2048.
i32 file_offset(unsigned word) { return -2048 + 8 * static_cast<i32>(word); }

void append(std::vector<u8>& code, std::initializer_list<u32> words) {
  for (const u32 word : words)
    for (unsigned b = 0; b < 4; ++b) code.push_back(static_cast<u8>(word >> (8 * b)));
}

void load_address(std::vector<u8>& code, u32 rd, u64 here, u64 target) {
  const auto offset = static_cast<u32>(target - here);
  append(code, {auipc(rd, (offset + 0x800) >> 12 & 0xfffff), addi(rd, rd, static_cast<i32>(offset << 20) >> 20)});
}

void append_program(std::vector<u8>& code, const Program& program, u64 base) {
  const u32 b = program.reserved.base, other = b == 5 ? 6 : 5;
  load_address(code, b, Batch::code_base + code.size(), base - 2048);
  append(code, {ld(other, file_offset(fcsr_word), b), csrw(fcsr, other)});
  for (unsigned f = 0; f < 32; ++f) append(code, {fld(f, file_offset(float_word + f), b)});
  for (unsigned x = 1; x < 32; ++x)
    if (x != b) append(code, {ld(x, file_offset(x), b)});
  append(code, {addi(b, b, 2047), addi(b, b, 1)});
  const std::vector<u8> body = program.assemble();
  code.insert(code.end(), body.begin(), body.end());
  append(code, {addi(b, b, -2048)});
  for (unsigned x = 0; x < 32; ++x)
    if (x != b) append(code, {sd(x, file_offset(x), b)});
  for (unsigned f = 0; f < 32; ++f) append(code, {fsd(f, file_offset(float_word + f), b)});
  append(code, {csrr(other, fcsr), sd(other, file_offset(fcsr_word), b)});
}

void append_ending(std::vector<u8>& code, u64 data_base, u64 size) {
  load_address(code, a1, Batch::code_base + code.size(), data_base);
  append(code,
         {lui(a2, static_cast<u32>(size >> 12)), addi(a0, zero, 1), addi(a7, zero, write_call), ecall, addi(a0, zero, 0), addi(a7, zero, exit_call), ecall});
}

std::vector<u8> code_of(const std::vector<Program>& programs, u64 data_base) {
  std::vector<u8> code;
  for (std::size_t i = 0; i < programs.size(); ++i) append_program(code, programs[i], data_base + i * window_size + window_before_base);
  append_ending(code, data_base, programs.size() * window_size);
  return code;
}

}  // namespace

Batch::Batch(const std::vector<Program>& programs) {
  // The code's size does not depend on where the data is.
  data_base = (code_base + code_of(programs, code_base).size() + page - 1) / page * page;
  memory = code_of(programs, data_base);
  memory.resize(data_base - code_base);
  for (const Program& program : programs) {
    const auto* bytes = reinterpret_cast<const u8*>(program.window.data());
    memory.insert(memory.end(), bytes, bytes + window_size);
  }
}

std::string Batch::elf() const {
  test::ElfWriter writer;
  writer.header.e_entry = code_base;
  writer.segment(code_base, std::string(memory.begin(), memory.end()));
  Elf64_Phdr& segment = writer.segments.front().first;
  segment.p_flags = PF_R | PF_W | PF_X;
  // A loader maps whole pages: file offset and address agree modulo the page.
  std::string bytes = writer.bytes();
  const std::size_t head = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
  segment.p_offset = page;
  segment.p_align = page;
  std::string padded = writer.bytes().substr(0, head);
  padded.resize(page);
  return padded + bytes.substr(head);
}

}  // namespace spinvp::conformance
