// What flows into a network, step after step: images and labels of a data set where the network takes 28 x 28 grey images, otherwise values drawn from the seed.
//
// A feed holds `count` batches one behind the other; step s takes batch s mod count. Elements are laid out as the NPU reads them: fp32, bf16 (rounded to nearest even), int32 for all whole
// numbers and truth values. Drawn: reals uniform in (-1, 1]; whole numbers that index a table (Gather) uniform over its rows, others 0 or 1; labels uniform over the classes. Each value depends on the
// seed, the tensor's name and its place alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/datasets/dataset.h"
#include "workloads/graph/graph.h"

namespace spinvp::workloads {

struct Feed {
  TensorId tensor{};
  std::uint64_t count = 1;
  std::vector<std::uint8_t> bytes = {};  // count batches of the same size
};

enum class Split : std::uint8_t { train, test };

class NetworkInputs {
 public:
  // `dataset`: null, or the images for networks that take such. At most `steps` batches, and no more than `most_bytes` for a tensor (but at least one batch). Feeds without `values` (of
  // phantoms) have a count and no bytes.
  NetworkInputs(const Graph& graph, std::uint64_t seed, const Dataset* dataset, Split split, std::uint64_t steps, bool values = true,
                std::uint64_t most_bytes = 64ull << 20);

  // Whether `tensor` takes the data set's images.
  [[nodiscard]] bool takes_images(TensorId tensor) const;
  // An input of the network.
  [[nodiscard]] Feed input(TensorId tensor) const;
  // int32 labels below `classes`; those of the images where an input takes these and there are at least ten classes.
  [[nodiscard]] Feed labels(TensorId tensor, std::uint64_t classes) const;

 private:
  const Graph& graph_;
  const std::uint64_t seed_;
  const Dataset* dataset_;
  const Split split_;
  const std::uint64_t steps_, most_bytes_;
  const bool values_;

  [[nodiscard]] std::uint64_t batches_of(std::uint64_t bytes) const;
  [[nodiscard]] std::uint64_t image_batches(std::uint64_t batch) const;
  [[nodiscard]] std::uint64_t table_rows(TensorId tensor) const;
};

// Reals of batch x 28 x 28, with an extent for the one channel or without, or flat.
bool is_image_batch(const TensorType& type);
// Bytes of an element in the machine's memory.
std::uint64_t machine_bytes(ElementType type);
// Appends `value` as an element of that type.
void append_element(std::vector<std::uint8_t>& bytes, ElementType type, float value);

}  // namespace spinvp::workloads
