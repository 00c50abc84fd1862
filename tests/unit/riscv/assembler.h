// A few encoders and a label table: enough to write a guest program inside a test. Formats: manual volume I, chapter 24.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace spinvp::riscv::test {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

// Registers by their ABI names.
enum Register : u32 { zero, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6 };

constexpr u32 r_type(u32 funct7, u32 rs2, u32 rs1, u32 funct3, u32 rd, u32 opcode) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr u32 i_type(i32 immediate, u32 rs1, u32 funct3, u32 rd, u32 opcode) {
  return (static_cast<u32>(immediate) & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr u32 s_type(i32 immediate, u32 rs2, u32 rs1, u32 funct3, u32 opcode) {
  const u32 v = static_cast<u32>(immediate);
  return (v >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (v & 0x1f) << 7 | opcode;
}
constexpr u32 b_type(i32 offset, u32 rs2, u32 rs1, u32 funct3) {
  const u32 v = static_cast<u32>(offset);
  return (v >> 12 & 1) << 31 | (v >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (v >> 1 & 0xf) << 8 | (v >> 11 & 1) << 7 | 0x63;
}
constexpr u32 j_type(i32 offset, u32 rd) {
  const u32 v = static_cast<u32>(offset);
  return (v >> 20 & 1) << 31 | (v >> 1 & 0x3ff) << 21 | (v >> 11 & 1) << 20 | (v >> 12 & 0xff) << 12 | rd << 7 | 0x6f;
}

constexpr u32 addi(u32 rd, u32 rs1, i32 v) { return i_type(v, rs1, 0, rd, 0x13); }
constexpr u32 add(u32 rd, u32 rs1, u32 rs2) { return r_type(0, rs2, rs1, 0, rd, 0x33); }
constexpr u32 mul(u32 rd, u32 rs1, u32 rs2) { return r_type(1, rs2, rs1, 0, rd, 0x33); }
constexpr u32 div(u32 rd, u32 rs1, u32 rs2) { return r_type(1, rs2, rs1, 4, rd, 0x33); }
constexpr u32 slli(u32 rd, u32 rs1, u32 n) { return i_type(static_cast<i32>(n), rs1, 1, rd, 0x13); }
constexpr u32 lui(u32 rd, u32 upper) { return upper << 12 | rd << 7 | 0x37; }
constexpr u32 auipc(u32 rd, u32 upper) { return upper << 12 | rd << 7 | 0x17; }
constexpr u32 load(u32 width, u32 rd, i32 offset, u32 rs1) { return i_type(offset, rs1, width, rd, 0x03); }  // width: 0 lb ... 3 ld, 4 lbu, 5 lhu, 6 lwu
constexpr u32 store(u32 width, u32 rs2, i32 offset, u32 rs1) { return s_type(offset, rs2, rs1, width, 0x23); }
constexpr u32 lw(u32 rd, i32 offset, u32 rs1) { return load(2, rd, offset, rs1); }
constexpr u32 ld(u32 rd, i32 offset, u32 rs1) { return load(3, rd, offset, rs1); }
constexpr u32 sw(u32 rs2, i32 offset, u32 rs1) { return store(2, rs2, offset, rs1); }
constexpr u32 sd(u32 rs2, i32 offset, u32 rs1) { return store(3, rs2, offset, rs1); }
constexpr u32 jal(u32 rd, i32 offset) { return j_type(offset, rd); }
constexpr u32 jalr(u32 rd, u32 rs1, i32 offset) { return i_type(offset, rs1, 0, rd, 0x67); }
constexpr u32 csrrw(u32 rd, u32 csr, u32 rs1) { return i_type(static_cast<i32>(csr), rs1, 1, rd, 0x73); }
constexpr u32 csrrs(u32 rd, u32 csr, u32 rs1) { return i_type(static_cast<i32>(csr), rs1, 2, rd, 0x73); }
constexpr u32 csrrc(u32 rd, u32 csr, u32 rs1) { return i_type(static_cast<i32>(csr), rs1, 3, rd, 0x73); }
constexpr u32 csrrwi(u32 rd, u32 csr, u32 field) { return i_type(static_cast<i32>(csr), field, 5, rd, 0x73); }
constexpr u32 csrrsi(u32 rd, u32 csr, u32 field) { return i_type(static_cast<i32>(csr), field, 6, rd, 0x73); }
constexpr u32 csrr(u32 rd, u32 csr) { return csrrs(rd, csr, zero); }
constexpr u32 csrw(u32 csr, u32 rs1) { return csrrw(zero, csr, rs1); }
constexpr u32 amo(u32 funct5, u32 width, u32 rd, u32 rs2, u32 rs1) { return r_type(funct5 << 2, rs2, rs1, width, rd, 0x2f); }  // width: 2 .w, 3 .d
constexpr u32 fp(u32 funct7, u32 rs2, u32 rs1, u32 rm, u32 rd) { return r_type(funct7, rs2, rs1, rm, rd, 0x53); }
constexpr u32 nop = 0x00000013, ecall = 0x00000073, ebreak = 0x00100073, mret = 0x30200073, wfi = 0x10500073, fence_i = 0x0000100f;
constexpr u16 c_nop = 0x0001;

// A program under construction, by address. Branches name labels; finish() resolves them.
class Program {
 public:
  explicit Program(u64 base) : base_(base) {}

  Program& operator()(u32 word) { return put(word, 4); }
  Program& operator()(std::initializer_list<u32> words) {
    for (const u32 w : words) put(w, 4);
    return *this;
  }
  Program& half(u16 word) { return put(word, 2); }
  Program& label(const std::string& name) {
    labels_[name] = here();
    return *this;
  }
  Program& align(u64 to) {
    while (here() % to != 0) half(c_nop);
    return *this;
  }
  Program& branch(u32 funct3, u32 rs1, u32 rs2, const std::string& target) {  // funct3: 0 beq, 1 bne, 4 blt, 5 bge, 6 bltu, 7 bgeu
    references_.push_back({bytes_.size(), target, [=](i32 offset) { return b_type(offset, rs2, rs1, funct3); }});
    return put(0, 4);
  }
  Program& jump(const std::string& target, u32 rd = zero) {
    references_.push_back({bytes_.size(), target, [=](i32 offset) { return j_type(offset, rd); }});
    return put(0, 4);
  }
  // Loads any 64-bit constant: always li_instructions instructions of class alu, so that counts stay predictable.
  Program& li(u32 rd, u64 value) {
    put(addi(rd, zero, static_cast<i32>(value >> 55)), 4);  // the top 9 bits
    for (const int shift : {44, 33, 22, 11, 0}) {
      put(slli(rd, rd, 11), 4);
      put(i_type(static_cast<i32>(value >> shift & 0x7ff), rd, 6, rd, 0x13), 4);  // ori: 11 bits never sign-extend
    }
    return *this;
  }
  static constexpr u64 li_instructions = 11;
  Program& la(u32 rd, const std::string& target) {  // auipc + addi
    references_.push_back({bytes_.size(), target, [=](i32 offset) { return auipc(rd, static_cast<u32>(offset + 0x800) >> 12 & 0xfffff); }});
    put(0, 4);
    references_.push_back({bytes_.size(), target, [=](i32 offset) { return addi(rd, rd, (offset + 4) << 20 >> 20); }});
    return put(0, 4);
  }

  [[nodiscard]] u64 here() const { return base_ + bytes_.size(); }
  [[nodiscard]] u64 base() const { return base_; }
  [[nodiscard]] u64 address(const std::string& name) const { return labels_.at(name); }
  std::vector<u8> finish() {
    for (const Reference& r : references_) {
      const u32 word = r.encode(static_cast<i32>(labels_.at(r.target) - (base_ + r.at)));
      for (unsigned i = 0; i < 4; ++i) bytes_[r.at + i] = static_cast<u8>(word >> (8 * i));
    }
    return bytes_;
  }

 private:
  struct Reference {
    std::size_t at;
    std::string target;
    std::function<u32(i32)> encode;
  };
  u64 base_;
  std::vector<u8> bytes_;
  std::map<std::string, u64> labels_;
  std::vector<Reference> references_;
  Program& put(u32 word, unsigned length) {
    for (unsigned i = 0; i < length; ++i) bytes_.push_back(static_cast<u8>(word >> (8 * i)));
    return *this;
  }
};

}  // namespace spinvp::riscv::test
