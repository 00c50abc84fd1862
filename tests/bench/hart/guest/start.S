# Start-up of the bench guests: floating point on, a stack, main, then the test finisher.
  .section .text.start
  .globl _start
_start:
  la sp, stack_top
  li t0, 0x6000          # mstatus.FS: dirty
  csrs mstatus, t0
  la t0, unexpected_trap
  csrw mtvec, t0
  call main
  lui t0, 0x100          # test finisher
  li t1, 0x5555
  beqz a0, 1f
  li t1, 0x13333         # fail with code 1
1: sw t1, 0(t0)
2: wfi
  j 2b
  .align 2
unexpected_trap:
  lui t0, 0x100
  li t1, 0x23333         # fail with code 2
  sw t1, 0(t0)
3: j 3b
