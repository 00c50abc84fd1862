#include "workloads/datasets/network_inputs.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "models/core/random_bits.h"
#include "workloads/graph/float_values.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {

namespace {

std::uint64_t stream_of(std::uint64_t seed, const std::string& name) {
  std::uint64_t state = core::random_bits(seed, 0);
  for (const char c : name) state = core::random_bits(state, static_cast<unsigned char>(c));
  return state;
}

std::uint16_t to_bfloat16(float value) { return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(rounded_to_bfloat16(value)) >> 16); }

void append(std::vector<std::uint8_t>& bytes, const void* data, std::size_t size) {
  bytes.resize(bytes.size() + size);
  std::memcpy(bytes.data() + bytes.size() - size, data, size);
}

// A whole number below `range`.
std::int32_t below(std::uint64_t stream, std::uint64_t counter, std::uint64_t range) {
  return static_cast<std::int32_t>((core::random_bits(stream, counter) >> 32) * range >> 32);
}

void append_whole(std::vector<std::uint8_t>& bytes, std::int32_t value) { append(bytes, &value, sizeof value); }

}  // namespace

std::uint64_t machine_bytes(ElementType type) { return type == ElementType::bfloat16 ? 2 : 4; }

void append_element(std::vector<std::uint8_t>& bytes, ElementType type, float value) {
  if (type == ElementType::bfloat16) {
    const std::uint16_t bits = to_bfloat16(value);
    return append(bytes, &bits, sizeof bits);
  }
  append(bytes, &value, sizeof value);
}

bool is_image_batch(const TensorType& type) {
  if (!is_floating(type.element) || type.shape.empty() || type.shape[0] < 1) return false;
  const Shape image(type.shape.begin() + 1, type.shape.end()), side(2, image_side);
  return image == side || image == Shape{1, side[0], side[1]} || image == Shape{static_cast<std::int64_t>(image_pixels)};
}

NetworkInputs::NetworkInputs(const Graph& graph, std::uint64_t seed, const Dataset* dataset, Split split, std::uint64_t steps, bool values,
                             std::uint64_t most_bytes)
    : graph_(graph), seed_(seed), dataset_(dataset), split_(split), steps_(steps), most_bytes_(most_bytes), values_(values) {}

bool NetworkInputs::takes_images(TensorId tensor) const {
  const TensorType& type = graph_.tensor(tensor).type;
  if (dataset_ == nullptr || !is_image_batch(type)) return false;
  return static_cast<std::size_t>(type.shape[0]) <= (split_ == Split::train ? dataset_->train_count() : dataset_->test_count());
}

std::uint64_t NetworkInputs::batches_of(std::uint64_t bytes) const {
  return std::max<std::uint64_t>(1, std::min(steps_, most_bytes_ / std::max<std::uint64_t>(1, bytes)));
}

std::uint64_t NetworkInputs::image_batches(std::uint64_t batch) const {
  const std::uint64_t images = split_ == Split::train ? dataset_->train_count() : dataset_->test_count();
  return std::min(images / batch, batches_of(batch * image_pixels * sizeof(float)));
}

// Through what only moves or renames elements, to the tables that they index.
std::uint64_t NetworkInputs::table_rows(TensorId tensor) const {
  static const std::set<std::string> passing = {"Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Transpose", "Slice", "Split"};
  std::uint64_t rows = 0;
  std::vector<TensorId> open = {tensor};
  std::set<TensorId> seen;
  while (!open.empty()) {
    const TensorId id = open.back();
    open.pop_back();
    if (!seen.insert(id).second) continue;
    for (const NodeId consumer : graph_.tensor(id).consumers) {
      const Node& node = graph_.node(consumer);
      if (node.type == "Gather" && node.inputs.size() > 1 && node.inputs[1] == id) {
        const Shape& table = graph_.tensor(*node.inputs[0]).type.shape;
        const Attribute* axis = node.attributes.find("axis");
        const std::int64_t at = axis == nullptr ? 0 : std::get<std::int64_t>(*axis);
        const auto extent = static_cast<std::uint64_t>(table[static_cast<std::size_t>(at < 0 ? at + static_cast<std::int64_t>(table.size()) : at)]);
        rows = rows == 0 ? extent : std::min(rows, extent);
      } else if (passing.contains(node.type)) {
        for (const auto& output : node.outputs)
          if (output) open.push_back(*output);
      }
    }
  }
  return rows == 0 ? 2 : rows;
}

Feed NetworkInputs::input(TensorId id) const {
  const Tensor& tensor = graph_.tensor(id);
  const ElementType type = tensor.type.element;
  const std::uint64_t count = elements(tensor.type.shape), size = count * machine_bytes(type);
  Feed feed{id};
  if (takes_images(id)) {
    const auto batch = static_cast<std::uint64_t>(tensor.type.shape[0]);
    feed.count = image_batches(batch);
    if (!values_) return feed;
    const auto& images = split_ == Split::train ? dataset_->train_images : dataset_->test_images;
    for (std::uint64_t i = 0; i < feed.count * batch * image_pixels; ++i) append_element(feed.bytes, type, pixel_value(images[i]));
    return feed;
  }
  feed.count = batches_of(size);
  if (!values_) return feed;
  feed.bytes.reserve(feed.count * size);
  const std::uint64_t stream = stream_of(seed_, tensor.name), rows = is_floating(type) ? 0 : table_rows(id);
  for (std::uint64_t i = 0; i < feed.count * count; ++i) {
    if (is_floating(type))
      append_element(feed.bytes, type, static_cast<float>(2 * core::random_unit(stream, i) - 1));
    else
      append_whole(feed.bytes, below(stream, i, rows));
  }
  return feed;
}

Feed NetworkInputs::labels(TensorId id, std::uint64_t classes) const {
  const std::uint64_t rows = elements(graph_.tensor(id).type.shape);
  Feed feed{id};
  for (std::size_t i = 0; i < graph_.tensors().size(); ++i) {
    const TensorId input{static_cast<std::uint32_t>(i)};
    const Tensor& tensor = graph_.tensor(input);
    if (tensor.role != Role::input || !takes_images(input) || static_cast<std::uint64_t>(tensor.type.shape[0]) != rows || classes < label_count) continue;
    feed.count = image_batches(rows);
    if (!values_) return feed;
    const auto& labels = split_ == Split::train ? dataset_->train_labels : dataset_->test_labels;
    for (std::uint64_t l = 0; l < feed.count * rows; ++l) append_whole(feed.bytes, labels[l]);
    return feed;
  }
  feed.count = batches_of(rows * 4);
  if (!values_) return feed;
  const std::uint64_t stream = stream_of(seed_, "labels");
  for (std::uint64_t l = 0; l < feed.count * rows; ++l) append_whole(feed.bytes, below(stream, l, classes));
  return feed;
}

}  // namespace spinvp::workloads
