// Trains LeNet on the NPU and tests it.
#include "firmware/apps/lenet_npu.h"
#include "firmware/hal/about.h"

SPINVP_ABOUT("trains LeNet on the NPU and tests it");

int main(void) { return lenet_run(&lenet_npu, NULL); }
