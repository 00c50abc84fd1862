// Makes ONNX models in memory, node by node, for tests of the importer.
#pragma once

#include <string>
#include <vector>

#include "workloads/import/onnx_tensor.h"

namespace spinvp::workloads::test {

class OnnxModel {
 public:
  explicit OnnxModel(int opset = 13, int ir_version = 8) {
    model.set_ir_version(ir_version);
    model.add_opset_import()->set_version(opset);
    graph().set_name("made");
  }
  onnx::ModelProto model;
  onnx::GraphProto& graph() { return *model.mutable_graph(); }

  // An extent of 0 is left open, as the dimension `symbol`.
  OnnxModel& input(const std::string& name, const std::vector<std::int64_t>& shape, const std::string& symbol = "N", int type = 1) {
    shape_of(*graph().add_input(), name, shape, symbol, type);
    return *this;
  }
  OnnxModel& states(const std::string& name, const std::vector<std::int64_t>& shape) {
    shape_of(*graph().add_value_info(), name, shape, "N", 1);
    return *this;
  }
  OnnxModel& output(const std::string& name) {
    graph().add_output()->set_name(name);
    return *this;
  }
  // Without values.
  OnnxModel& weight(const std::string& name, const std::vector<std::int64_t>& shape) {
    stored(name, shape).set_data_type(1);
    return *this;
  }
  OnnxModel& whole(const std::string& name, const std::vector<std::int64_t>& values, bool scalar = false) {
    auto& t = stored(name, scalar ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{static_cast<std::int64_t>(values.size())});
    t.set_data_type(7);
    for (const std::int64_t v : values) t.add_int64_data(v);
    return *this;
  }
  onnx::TensorProto& stored(const std::string& name, const std::vector<std::int64_t>& shape) {
    auto& t = *graph().add_initializer();
    t.set_name(name);
    for (const std::int64_t d : shape) t.add_dims(d);
    return t;
  }
  OnnxModel& node(const std::string& type, const std::string& name, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
    auto& n = *graph().add_node();
    n.set_op_type(type);
    n.set_name(name);
    for (const std::string& i : inputs) n.add_input(i);
    for (const std::string& o : outputs) n.add_output(o);
    return *this;
  }
  // Of the last node.
  OnnxModel& attribute(const std::string& name, std::int64_t value) {
    auto& a = added(name, onnx::AttributeProto::INT);
    a.set_i(value);
    return *this;
  }
  OnnxModel& attribute(const std::string& name, const std::vector<std::int64_t>& values) {
    auto& a = added(name, onnx::AttributeProto::INTS);
    for (const std::int64_t v : values) a.add_ints(v);
    return *this;
  }
  [[nodiscard]] std::string bytes() const { return model.SerializeAsString(); }

 private:
  onnx::AttributeProto& added(const std::string& name, onnx::AttributeProto::AttributeType type) {
    auto& a = *graph().mutable_node(graph().node_size() - 1)->add_attribute();
    a.set_name(name);
    a.set_type(type);
    return a;
  }
  static void shape_of(onnx::ValueInfoProto& info, const std::string& name, const std::vector<std::int64_t>& shape, const std::string& symbol, int type) {
    info.set_name(name);
    auto& t = *info.mutable_type()->mutable_tensor_type();
    t.set_elem_type(type);
    t.mutable_shape();
    for (const std::int64_t d : shape) {
      if (d > 0)
        t.mutable_shape()->add_dim()->set_dim_value(d);
      else
        t.mutable_shape()->add_dim()->set_dim_param(symbol);
    }
  }
};

}  // namespace spinvp::workloads::test
