// A logic family: which row steps the cells offer, how bit operations become such steps, and what its paper says an operation takes.
//
// A new family is one file in families/ with an Assembler and one registration. Programs, engines, `spinvp pim` and the comparison find it by name.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/pim/assembler.h"
#include "models/pim/float_format.h"
#include "models/pim/step_counts.h"

namespace spinvp::pim {

struct AssemblerOptions {
  std::string name;
  Assembler::Windows windows;
  unsigned most_rows = 1024;
  bool two_destinations = false;  // a write may drive two rows with different operations at once (sot: the published 4-step full adder)
};

// A published count: lockstep steps, and the cells that it drives in one lane.
struct PublishedCount {
  StepCounts steps, cells;
  unsigned work_cells = 0;  // cells of a lane that the operation needs beside its operands; 0: not published
  std::string source;
  double set_cells = 0;  // cells of a lane that initialisations set within those steps, where the steps do not say which of them initialise
};

struct LogicFamily {
  std::string name, text;
  std::string cell;  // the cell of models/technology/pim_array.h whose figures it uses
  std::function<std::unique_ptr<Assembler>(const AssemblerOptions&)> assembler;
  // Closed forms for the operation; nothing where none is published. `full_array`: with all partial products of a multiplication.
  std::function<std::optional<PublishedCount>(FloatOperation, FloatFormat, bool full_array)> published;
};

// In order of their names.
const std::vector<LogicFamily>& logic_families();
// Throws core::InputError that lists the names.
const LogicFamily& logic_family(const std::string& name);
std::vector<std::string> logic_family_names();

// At namespace scope in the family's file: `const FamilyRegistration registration({...});`
struct FamilyRegistration {
  explicit FamilyRegistration(LogicFamily family);
};

}  // namespace spinvp::pim
