// Compressed instructions: what they expand to, as GNU as encodes the same instruction with and without the C extension, and how they run.
#include <catch2/catch.hpp>

#include "models/riscv/decode.h"
#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

struct Pair {
  u16 compressed;
  u32 expanded;
};
// Both columns from the assembler (binutils 2.40): `-march=rv64gc` and `.option norvc`.
const Pair pairs[] = {
    {0x1fe8, 0x3fc10513},  // addi a0, sp, 1020
    {0x0040, 0x00410413},  // addi s0, sp, 4
    {0x3fe8, 0x0f87b507},  // fld fa0, 248(a5)
    {0x2480, 0x0084b407},  // fld fs0, 8(s1)
    {0x5fe8, 0x07c7a503},  // lw a0, 124(a5)
    {0x4024, 0x04042483},  // lw s1, 64(s0)
    {0x7e74, 0x0f863683},  // ld a3, 248(a2)
    {0x607c, 0x0c043783},  // ld a5, 192(s0)
    {0xa77c, 0x0cf73427},  // fsd fa5, 200(a4)
    {0xc2d0, 0x00c6a223},  // sw a2, 4(a3)
    {0xc2f0, 0x04c6a223},  // sw a2, 68(a3)
    {0xe6d0, 0x08c6b423},  // sd a2, 136(a3)
    {0x1501, 0xfe050513},  // addi a0, a0, -32
    {0x0ffd, 0x01ff8f93},  // addi t6, t6, 31
    {0x3a7d, 0xfffa0a1b},  // addiw s4, s4, -1
    {0x2a01, 0x000a0a1b},  // addiw s4, s4, 0
    {0x5501, 0xfe000513},  // li a0, -32
    {0x4d7d, 0x01f00d13},  // li s10, 31
    {0x7101, 0xe0010113},  // addi sp, sp, -512
    {0x617d, 0x1f010113},  // addi sp, sp, 496
    {0x0141, 0x01010113},  // addi sp, sp, 16
    {0x7505, 0xfffe1537},  // lui a0, 0xfffe1
    {0x647d, 0x0001f437},  // lui s0, 31
    {0x6585, 0x000015b7},  // lui a1, 1
    {0x917d, 0x03f55513},  // srli a0, a0, 63
    {0x8085, 0x0014d493},  // srli s1, s1, 1
    {0x97a1, 0x4287d793},  // srai a5, a5, 40
    {0x9afd, 0xfff6f693},  // andi a3, a3, -1
    {0x8ad5, 0x0156f693},  // andi a3, a3, 21
    {0x8d1d, 0x40f50533},  // sub a0, a0, a5
    {0x8c25, 0x00944433},  // xor s0, s0, s1
    {0x8e55, 0x00d66633},  // or a2, a2, a3
    {0x8f7d, 0x00f77733},  // and a4, a4, a5
    {0x9d0d, 0x40b5053b},  // subw a0, a0, a1
    {0x9f29, 0x00a7073b},  // addw a4, a4, a0
    {0x1dfe, 0x03fd9d93},  // slli s11, s11, 63
    {0x0296, 0x00529293},  // slli t0, t0, 5
    {0x32fe, 0x1f813287},  // fld ft5, 504(sp)
    {0x2da2, 0x00813d87},  // fld fs11, 8(sp)
    {0x50fe, 0x0fc12083},  // lw ra, 252(sp)
    {0x4f8a, 0x08012f83},  // lw t6, 128(sp)
    {0x70fe, 0x1f813083},  // ld ra, 504(sp)
    {0x6406, 0x04013403},  // ld s0, 64(sp)
    {0x8282, 0x00028067},  // jr t0
    {0x8bfe, 0x01f00bb3},  // add s7, zero, t6 (c.mv)
    {0x9782, 0x000780e7},  // jalr a5
    {0x9eaa, 0x00ae8eb3},  // add t4, t4, a0
    {0xbf82, 0x1e013c27},  // fsd ft0, 504(sp)
    {0xdfce, 0x0f312e23},  // sw s3, 252(sp)
    {0xff86, 0x1e113c23},  // sd ra, 504(sp)
    {0xe4a2, 0x04813423},  // sd s0, 72(sp)
    {0x9002, 0x00100073},  // ebreak
    {0xaffd, 0x7fe0006f},  // c.j .+2046
    {0xb001, 0x801ff06f},  // c.j .-2048
    {0xa45d, 0x2a60006f},  // c.j .+0x2a6
    {0xcd7d, 0x0e050f63},  // c.beqz a0, .+254
    {0xd081, 0xf00480e3},  // c.beqz s1, .-256
    {0xe7cd, 0x0a079563},  // c.bnez a5, .+0xaa
    {0xfc7d, 0xfe041fe3},  // c.bnez s0, .-2
};

}  // namespace

TEST_CASE("compressed instructions expand to what the assembler writes in 32 bits") {
  for (const Pair& p : pairs) {
    INFO(std::hex << p.compressed);
    CHECK(expand_compressed(p.compressed) == p.expanded);
    const Instruction a = decode(p.compressed), b = decode(p.expanded);
    CHECK(a.length == 2);
    CHECK(a.raw == p.compressed);
    CHECK(a.operation == b.operation);
    CHECK(a.immediate == b.immediate);
  }
}

TEST_CASE("reserved compressed encodings are illegal") {
  // Zero; c.addi4spn with immediate 0; funct3 4 of quadrant 0; c.addiw with rd 0; c.lui and c.addi16sp with immediate 0; c.subw's two reserved neighbours;
  // c.lwsp and c.ldsp with rd 0; c.jr with rs1 0.
  for (const u16 word : {0x0000, 0x0004, 0x8000, 0x2005, 0x6081, 0x6101, 0x9c41, 0x9c61, 0x4002, 0x6002, 0x8002}) {
    INFO(std::hex << word);
    CHECK(decode(word).operation == Operation::illegal);
  }
}

TEST_CASE("a program may mix 16- and 32-bit instructions at any half-word") {
  Machine m;
  Program p(code_base);
  p.half(0x4515)(addi(a1, zero, 7)).half(0x952e)(add(a2, a0, a1)).half(0x9002);  // c.li a0, 5; a1 = 7; c.add a0, a1; a2 = a0 + a1; c.ebreak
  CHECK(m.start(p) == Stop::crash);
  CHECK(m.hart.x(a0) == 12);
  CHECK(m.hart.x(a2) == 19);
  CHECK(m.hart.crash().cause == 3);
  CHECK(m.hart.crash().pc == code_base + 12);
  CHECK(m.hart.instructions() == 4);
}

TEST_CASE("a 32-bit instruction may straddle two pages") {
  Machine m;
  Program p(code_base + page_bytes - 2);
  p({addi(a0, zero, 42), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a0) == 42);
}
