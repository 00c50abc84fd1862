#include "firmware/drivers/command_queue.h"

#include <assert.h>
#include <string.h>

#include "firmware/hal/csr.h"
#include "firmware/hal/interrupts.h"
#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

static_assert(NPU_CONTROL == PIM_CONTROL && NPU_QUEUE_BASE == PIM_QUEUE_BASE && NPU_QUEUE_SIZE == PIM_QUEUE_SIZE && NPU_TAIL == PIM_TAIL &&
                  NPU_HEAD == PIM_HEAD && NPU_INTERRUPT_STATUS == PIM_INTERRUPT_STATUS && NPU_INTERRUPT_ENABLE == PIM_INTERRUPT_ENABLE &&
                  NPU_ERROR_STATUS == PIM_ERROR_STATUS,
              "one driver serves both queues: their registers lie alike");

#define ENABLE    (1u << NPU_CONTROL_ENABLE_SHIFT)
#define RESET     (1u << NPU_CONTROL_RESET_SHIFT)
#define FAILED    (1u << NPU_INTERRUPT_STATUS_ERROR_SHIFT)
#define RAN_EMPTY (1u << NPU_INTERRUPT_STATUS_IDLE_SHIFT)

// Takes away what the unit has to say; runs with interrupts off.
static void collect(struct command_queue* queue) {
  const uint32_t causes = mmio_read32(queue->registers + NPU_INTERRUPT_STATUS);
  if ((causes & FAILED) && queue->failure == 0) queue->failure = mmio_read32(queue->registers + NPU_ERROR_STATUS);
  mmio_write32(queue->registers + NPU_INTERRUPT_STATUS, causes);
}

static void queue_interrupt(void* context) { collect(context); }

void command_queue_start(struct command_queue* queue) {
  queue->tail = queue->rung = queue->head = 0;
  queue->failure = 0;
  mmio_write32(queue->registers + NPU_CONTROL, RESET);
  mmio_write64(queue->registers + NPU_QUEUE_BASE, (uintptr_t)queue->ring);
  mmio_write32(queue->registers + NPU_QUEUE_SIZE, queue->slots);
  mmio_write32(queue->registers + NPU_INTERRUPT_ENABLE, FAILED | RAN_EMPTY);
  mmio_write32(queue->registers + NPU_CONTROL, ENABLE);
  interrupts_attach(queue->interrupt, queue_interrupt, queue);
}

static bool unfinished(void* context) {
  struct command_queue* queue = context;
  queue->head = mmio_read32(queue->registers + NPU_HEAD);
  return queue->head != queue->rung;
}

static void drain(struct command_queue* queue) {
  command_queue_ring(queue);
  interrupts_sleep_while(unfinished, queue);  // the unit interrupts when its queue has run empty
}

void* command_queue_next(struct command_queue* queue) {
  const uint32_t after = (queue->tail + 1) % queue->slots;
  if (after == queue->head) queue->head = mmio_read32(queue->registers + NPU_HEAD);
  if (after == queue->head) drain(queue);
  void* descriptor = queue->ring + (size_t)queue->tail * queue->descriptor_bytes;
  memset(descriptor, 0, queue->descriptor_bytes);
  queue->tail = after;
  return descriptor;
}

void command_queue_ring(struct command_queue* queue) {
  if (queue->rung == queue->tail) return;
  queue->rung = queue->tail;
  memory_fence();
  mmio_write32(queue->registers + NPU_TAIL, queue->tail);
}

uint32_t command_queue_wait(struct command_queue* queue) {
  drain(queue);
  // A failure of the very last descriptor may still be on its way as an interrupt: ask.
  CSR_CLEAR(mstatus, MSTATUS_MIE);
  collect(queue);
  const uint32_t failure = queue->failure;
  queue->failure = 0;
  CSR_SET(mstatus, MSTATUS_MIE);
  memory_fence();
  return failure;
}
