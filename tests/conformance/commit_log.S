# What a commit log has lines for: integer, memory, compressed, atomic, floating-point and CSR instructions, traps, an interrupt, user mode. Linked at 0x80000000;
# ends by its `tohost`. Left out is what two machines may do each in its own way (docs/firmware-logs.md).
.option norvc
.section .text
.globl _start
_start:
  .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  li x\n, \n
  .endr
  la t0, handler
  csrw mtvec, t0
  csrr t1, mtvec
  li t0, 0x1800
  csrc mstatus, t0  # MPP: the two have other values at reset
  # integer
  lui a0, 0x12345
  addi a0, a0, -3
  auipc a1, 1
  add a2, a0, a1
  sub a3, a0, a1
  sltu a4, a0, a1
  slli a5, a0, 40
  srai a5, a5, 3
  addw a6, a5, a5
  mul a7, a0, a1
  mulh s2, a5, a5
  mulhu s3, a5, a5
  div s4, a5, a0
  remu s5, a5, a0
  div s6, a0, zero
  add zero, a0, a0
  nop
  sh1add s7, a0, a1
  sh3add.uw s7, a0, a1
  clz s8, a0
  cpop s8, a0
  rev8 s9, a0
  orc.b s9, a0
  sext.b s9, a0
  zext.h s9, a0
  max s9, a0, a5
  rori s9, a0, 5
  bset s10, zero, a0
  bexti s10, a0, 3
  # memory
  la s0, buffer
  sd a5, 0(s0)
  sw a5, 8(s0)
  sh a5, 12(s0)
  sb a5, 14(s0)
  sw zero, 16(s0)
  ld t1, 0(s0)
  lw t1, 0(s0)
  lwu t1, 0(s0)
  lh t1, 2(s0)
  lhu t1, 2(s0)
  lb t1, 7(s0)
  lbu t1, 7(s0)
  ld zero, 0(s0)
  lb zero, 1(s0)
  # not aligned
  lw t1, 1(s0)
  ld t1, 5(s0)
  sd t1, 3(s0)
  sh t1, 1(s0)
  # compressed
  .option push
  .option rvc
  c.li a0, -5
  c.addi a0, 3
  c.nop
  c.mv a1, a0
  c.add a1, a0
  c.sw a1, 4(s0)
  c.lw a2, 4(s0)
  c.sd a1, 8(s0)
  c.ld a2, 8(s0)
  c.addiw a2, 1
  c.slli a2, 4
  c.beqz a2, 1f
  c.j 1f
  c.nop
1: mv sp, s0
  c.sdsp a0, 16(sp)
  c.ldsp a3, 16(sp)
  c.swsp a0, 24(sp)
  c.lwsp a3, 24(sp)
  c.addi4spn a4, sp, 16
  c.addi16sp sp, 32
  .option pop
  # jumps
  jal ra, 2f
2: la t0, 3f
  jalr ra, 0(t0)
3: jalr zero, 4(ra)
  beq zero, zero, 4f
  nop
4: bne zero, zero, 4b
  bltu zero, s0, 5f
5:
  # atomics
  li t0, -7
  li t1, 3
  sd t0, 0(s0)
  .irp o,amoadd,amoswap,amoxor,amoand,amoor,amomin,amomax,amominu,amomaxu
  \o\().w t2, t1, (s0)
  \o\().d t2, t1, (s0)
  \o\().w.aqrl zero, t0, (s0)
  .endr
  lr.w t3, (s0)
  sc.w t4, t1, (s0)
  sc.w t4, t1, (s0)
  lr.d t3, (s0)
  sc.d t4, t0, (s0)
  sc.d t4, t0, (s0)
  lr.d zero, (s0)
  sc.d zero, t0, (s0)
  fence
  fence.i
  # CSRs
  csrr a0, mhartid
  csrw mscratch, t0
  csrrw t1, mscratch, t2
  csrrs t1, mscratch, zero
  csrrs t1, mscratch, t0
  csrrc t1, mscratch, t0
  csrrwi t1, mscratch, 7
  csrrsi t1, mscratch, 8
  csrrsi t1, mscratch, 0
  csrrci t1, mscratch, 1
  csrrci t1, mscratch, 0
  csrrwi zero, mscratch, 0
  csrw mepc, s0
  csrw mcause, t1
  csrw mtval, t1
  csrwi mie, 0
  csrwi mcounteren, 7
  csrwi mcountinhibit, 0
  csrwi mhpmevent3, 0
  csrwi mhpmcounter3, 0
  csrr a0, misa
  csrr a0, mvendorid
  csrr a0, mimpid
  csrwi menvcfg, 0
  # registers that keep some bits of what is written, or none
  li s1, -1
  li s2, 0x80001803
  csrw pmpaddr0, zero
  .irp register, mscratch, mepc, mcause, mtval, mcounteren, mhpmevent3, mhpmcounter3, mhpmcounter31, pmpaddr0, pmpaddr15, pmpaddr16, pmpaddr63, pmpcfg2, pmpcfg4, pmpcfg14, tselect
  csrrw a0, \register, s1
  csrrw a0, \register, s2
  csrrs a0, \register, s1
  csrrc a0, \register, s1
  csrrci a0, \register, 31
  csrrsi a0, \register, 0
  csrrwi a0, \register, 0
  .endr
  csrwi tdata1, 0
  csrwi tdata2, 0
  csrwi tdata3, 0
  csrs mhartid, zero
  csrw mhartid, zero
  csrr a0, mconfigptr
  li t1, 1000
  csrw minstret, t1
  csrr a0, minstret
  csrs minstret, t1
  csrr a0, instret
  csrr a0, hpmcounter3
  # memory protection: an entry is locked, and the one above, as the end of a range, locks its begin too
  li t1, 0x20000000
  csrw pmpaddr3, t1
  li t1, 0x80000000
  csrw pmpcfg0, t1
  csrw pmpaddr3, s1
  csrw pmpcfg0, zero
  csrr a0, pmpcfg0
  li t1, 0x8800
  csrw pmpcfg2, t1
  csrw pmpaddr8, s1
  csrw pmpaddr9, s1
  csrw pmpaddr10, s1
  csrwi pmpcfg2, 0
  csrwi pmpcfg1, 0  # none on RV64
  # user mode may do everything
  li t0, -1
  csrw pmpaddr0, t0
  csrwi pmpcfg0, 0x1f
  # an interrupt
  li s4, 0x2000000
  li s5, 0x2004000
  sd s1, 0(s5)
  csrr a0, mip
  li a1, 1
  sw a1, 0(s4)
  csrr a0, mip
  csrwi mie, 8
  csrsi mstatus, 8
  nop
  csrr a0, mip
  csrwi mie, 0
  csrwi mcycle, 0
  # floating point
  li t0, 0x6000
  csrs mstatus, t0
  csrwi fcsr, 0
  csrr a0, mstatus
  li t1, 0x3f800000
  li t2, 0x33000000
  fmv.w.x f1, t1
  fmv.w.x f2, t2
  fadd.s f3, f1, f2
  fadd.s f3, f1, f2
  fsub.s f3, f1, f1
  fmul.s f4, f1, f2
  fdiv.s f5, f1, f3
  fdiv.s f5, f3, f3
  fsqrt.s f6, f1
  fmadd.s f7, f1, f2, f1
  fsgnj.s f8, f1, f2
  fsgnjn.s f8, f1, f2
  fmin.s f8, f1, f2
  fclass.s t0, f1
  feq.s t0, f1, f2
  flt.s t0, f5, f2
  fle.s zero, f5, f2
  fcvt.w.s t0, f1
  fcvt.w.s t0, f5
  fcvt.wu.s t0, f2
  fcvt.l.s t0, f1
  fcvt.s.w f9, t1
  fcvt.s.l f9, s0
  fmv.x.w t0, f5
  fsw f1, 0(s0)
  flw f10, 0(s0)
  li t1, 0x3ff0000000000000
  fmv.d.x f11, t1
  fcvt.d.s f12, f2
  fcvt.s.d f13, f11
  fadd.d f14, f11, f12
  fmul.d f14, f11, f12
  fdiv.d f15, f11, f14
  fmadd.d f16, f11, f12, f14
  fcvt.w.d t0, f15
  fcvt.lu.d t0, f15
  fcvt.d.w f17, t0
  fcvt.d.l f17, t1
  fmv.x.d t0, f17
  feq.d t0, f11, f12
  flt.d t0, f11, f12
  fclass.d t0, f11
  fsgnjx.d f18, f11, f12
  fmax.d f18, f11, f12
  fsd f11, 8(s0)
  fld f19, 8(s0)
  .option push
  .option rvc
  c.fsd f11, 16(s0)
  c.fld f11, 16(s0)
  .option pop
  fcvt.s.d f1, f15
  csrrw t0, fflags, zero
  csrrs t0, fflags, zero
  csrrwi t0, fflags, 3
  csrrci t0, fflags, 1
  csrrwi t0, frm, 1
  csrrs t0, fcsr, zero
  csrrw t0, fcsr, t1
  csrrwi t0, fcsr, 31
  csrrwi zero, fcsr, 0
  fadd.s f3, f1, f1
  # traps
  ecall
  ebreak
  .word 0
  li t0, 0x40
  lw t1, 0(t0)
  sw t1, 0(t0)
  csrw 0x7c0, t0
  csrr t0, 0x180
  # user mode
  li t0, 0x1800
  csrc mstatus, t0
  la t0, user
  csrw mepc, t0
  mret
user:
  addi a0, a0, 1
  lw a1, 0(s0)
  csrr a0, fflags
  csrr a0, mstatus  # not for user mode
  ecall
  li a7, 93  # tells the handler to end the program
  ecall

  .option rvc  # what the alignment is filled with
  .balign 4
  .option norvc
handler:
  csrr t3, mcause
  csrr t4, mepc
  csrr t5, mtval
  bltz t3, interrupt
  li t6, 93
  beq a7, t6, finish
  addi t4, t4, 4
  csrw mepc, t4
  mret
interrupt:
  sw zero, 0(s4)
  mret
finish:
  la t0, tohost
  li t1, 1
  sd t1, 0(t0)
  j .

.section .data
.balign 64
.globl tohost
tohost: .dword 0
.globl fromhost
fromhost: .dword 0
.balign 64
buffer: .zero 64
