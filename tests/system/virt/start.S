# Start-up of the guests that run here and on QEMU's virt machine: floating point on, a stack, main; what it returns is the finisher's code.
  .section .text.start
  .globl _start
_start:
  la sp, stack_top
  li t0, 0x6000          # mstatus.FS: dirty
  csrs mstatus, t0
  call main
  lui t0, 0x100          # test finisher
  li t1, 0x5555
  beqz a0, 1f
  slli t1, a0, 16
  li t2, 0x3333
  or t1, t1, t2
1: sw t1, 0(t0)
2: wfi
  j 2b

# Whole register file of the caller-saved ones on the stack, then trap(mcause, mepc, mtval), which returns where to go on.
  .align 2
  .globl trap_entry
trap_entry:
  addi sp, sp, -256
  .irp r, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
  sd x\r, 8 * \r - 8(sp)
  .endr
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  call trap
  csrw mepc, a0
  .irp r, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
  ld x\r, 8 * \r - 8(sp)
  .endr
  addi sp, sp, 256
  mret

# Vectored: entry n of the table jumps to vector_n, which counts in `vectors`.
  .align 8
  .globl vector_table
vector_table:
  .rept 16
  j vector
  .endr
vector:
  j trap_entry
