// The ring of descriptors through which a hart feeds the NPU or the PIM controller: both have the same queue registers.
//
//   d = command_queue_next(&queue);  fill *d;  ...  command_queue_ring(&queue);  ...  command_queue_wait(&queue);
//
// Descriptors run in order. Those added since the last doorbell belong to the region that is open when it rings.
#ifndef SPINVP_FIRMWARE_COMMAND_QUEUE_H
#define SPINVP_FIRMWARE_COMMAND_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct command_queue {
  uintptr_t registers;  // base of the unit
  unsigned interrupt;   // its PLIC source
  uint8_t* ring;
  uint32_t descriptor_bytes;
  uint32_t slots;             // of the ring; one always stays free
  uint32_t tail;              // next slot to be filled
  uint32_t rung;              // tail as the unit knows it
  uint32_t head;              // the unit's head when it was last asked: all slots from here to tail count as in use
  volatile uint32_t failure;  // status of the first descriptor that failed since the last wait; 0: none did
};

// Resets the unit, hands it the ring and attaches the interrupt. The fields up to `slots` must be filled.
void command_queue_start(struct command_queue* queue);
// A zeroed descriptor, to be filled before the next call of anything here. If the ring is full, what is in it is run first.
void* command_queue_next(struct command_queue* queue);
// Doorbell: the unit may start what has been added. Nothing added: nothing happens.
void command_queue_ring(struct command_queue* queue);
// Rings, then sleeps (WFI) until all is done. 0: all went well; else the status of the first descriptor that failed since the last wait.
uint32_t command_queue_wait(struct command_queue* queue);

#endif
