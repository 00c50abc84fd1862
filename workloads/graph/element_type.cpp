#include "workloads/graph/element_type.h"

#include <array>

namespace spinvp::workloads {
namespace {

struct Row {
  ElementType type;
  std::string_view name;
  unsigned bits;
  bool floating;
};

constexpr std::array rows = {
    Row{ElementType::float64, "float64", 64, true},   Row{ElementType::float32, "float32", 32, true}, Row{ElementType::float16, "float16", 16, true},
    Row{ElementType::bfloat16, "bfloat16", 16, true}, Row{ElementType::float8, "float8", 8, true},    Row{ElementType::int64, "int64", 64, false},
    Row{ElementType::int32, "int32", 32, false},      Row{ElementType::int16, "int16", 16, false},    Row{ElementType::int8, "int8", 8, false},
    Row{ElementType::int4, "int4", 4, false},         Row{ElementType::uint64, "uint64", 64, false},  Row{ElementType::uint32, "uint32", 32, false},
    Row{ElementType::uint16, "uint16", 16, false},    Row{ElementType::uint8, "uint8", 8, false},     Row{ElementType::uint4, "uint4", 4, false},
    Row{ElementType::boolean, "boolean", 8, false},
};

const Row& row_of(ElementType type) {
  for (const Row& row : rows)
    if (row.type == type) return row;
  return rows[1];  // not reached: the table holds every type
}

}  // namespace

std::string_view name_of(ElementType type) { return row_of(type).name; }
bool is_floating(ElementType type) { return row_of(type).floating; }
unsigned bits_of(ElementType type) { return row_of(type).bits; }

std::optional<ElementType> element_type_named(std::string_view name) {
  for (const Row& row : rows)
    if (row.name == name) return row.type;
  return std::nullopt;
}

}  // namespace spinvp::workloads
