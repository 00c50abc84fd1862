// Reads MNIST as it is distributed: a folder of idx files, gzipped or not.
//
// Looked for in the folder, each with or without `.gz`: train-images-idx3-ubyte, train-labels-idx1-ubyte,
// t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (`.idx3-ubyte` and a name that starts with `mnist-`, as some
// distributions have them, are accepted too). Where no train file is
// there, the t10k files are split: the first 80 % to train, the last 20 % to test, said in the data set's note.
//
// The format: magic 00 00 08 nn (08: bytes; nn: dimensions), nn big-endian 32-bit counts, then the bytes. Nothing in it is
// trusted: memory grows with the bytes that are there, never with a count in a header.
#pragma once

#include <filesystem>

#include "workloads/datasets/dataset.h"

namespace spinvp::workloads {

// Throws core::FileError (status 74) when the folder or a file is missing or cannot be read, core::InputError (status 65) when a
// file is not what it should be: not gzip's or idx's form, wrong magic, not 28 x 28, no image, more than a million images,
// fewer or more bytes than the header announces, other count of labels than of images, a label above 9. The text names the file.
[[nodiscard]] Dataset read_idx_directory(const std::filesystem::path& directory);

}  // namespace spinvp::workloads
