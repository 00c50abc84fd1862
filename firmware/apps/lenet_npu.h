// LeNet on the NPU, as a unit of firmware/apps/lenet_job.h: what train_lenet and infer share.
#ifndef SPINVP_FIRMWARE_LENET_NPU_H
#define SPINVP_FIRMWARE_LENET_NPU_H

#include "firmware/apps/lenet_job.h"

extern const struct lenet_unit lenet_npu;

#endif
