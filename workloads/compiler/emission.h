// Writes the kernels of a draft as commands, with the addresses that placement found.
#pragma once

#include "workloads/compiler/compiled_program.h"
#include "workloads/compiler/machine.h"
#include "workloads/compiler/placement.h"

namespace spinvp::workloads::compiler {

// An epilogue that is no more than a bias or a ReLU becomes the command's own field or flag.
void simplify_epilogues(Draft& draft);
CompiledProgram emit(const Draft& draft, const Placement& placement, const Machine& machine, const CompileOptions& options);

}  // namespace spinvp::workloads::compiler
