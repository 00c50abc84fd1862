// Trains LeNet on the NPU and tests it.
#include "firmware/apps/lenet_npu.h"

int main(void) { return lenet_run(&lenet_npu, NULL); }
