// SCALE-Sim's topologies, both forms, with the habits of the files that are about.
#include <catch2/catch.hpp>

#include "graph_support.h"
#include "workloads/import/import.h"

using namespace spinvp;
using namespace spinvp::workloads;
using namespace spinvp::workloads::test;

namespace {

const std::string header = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";

std::vector<MatrixProduct> products(const std::string& text, const ImportOptions& options = {}) {
  const Graph graph = import_topology(text, "t.csv", options);
  std::vector<MatrixProduct> all;
  for (const NodeId id : graph.order())
    for (const MatrixProduct& p : work_of(graph, graph.node(id)).products) all.push_back(p);
  return all;
}

std::string refused(const std::string& text) {
  return refusal([&] { (void)import_topology(text, "t.csv"); });
}

}  // namespace

TEST_CASE("A convolution's output size is rounded up as SCALE-Sim rounds it") {
  // ceil((224 - 7 + 2) / 2) = 110: 110 x 110 positions, 64 filters of 7 x 7 x 3.
  CHECK(products(header + "Conv1,224,224,7,7,3,64,2,\n") == std::vector<MatrixProduct>{{1, 12100, 64, 147}});
  // ceil((56 - 1 + 2) / 2) = 29 where ONNX has 28; a stride of 3 over 10 x 7: 4 and 3.
  CHECK(products(header + "s,56,56,1,1,64,128,2,\nr,10,7,2,2,1,1,3,\n") == std::vector<MatrixProduct>{{1, 841, 128, 64}, {1, 12, 1, 4}});
}

TEST_CASE("Both forms are told apart by their header, blank and tab-separated lines and a byte order mark do no harm") {
  CHECK(products("Layer,M,N,K,\nQKT, 1024 ,1024,64,\r\n\n,,,,\nlast,1,2,3") == std::vector<MatrixProduct>{{1, 1024, 1024, 64}, {1, 1, 2, 3}});
  CHECK(products("\xEF\xBB\xBF" + header + ",,,,,,,,,,,\nFC,1,1,1,1,512,1000,1,,,,,,\n") == std::vector<MatrixProduct>{{1, 1, 1000, 512}});
  CHECK(products("Layer name\ta\tb\tc\td\te\tf\tg\t\nC\t5\t5\t3\t3\t2\t4\t1\t\n") == std::vector<MatrixProduct>{{1, 9, 4, 18}});
}

TEST_CASE("A name with DP is a depth-wise convolution, a batch multiplies the rows") {
  // Three channels, each with two filters of its own.
  CHECK(products(header + "DP1,5,5,3,3,3,2,1,\n") == std::vector<MatrixProduct>{{3, 9, 2, 9}});
  CHECK(products("Layer,M,N,K,\na,10,20,30,\n", {.batch = 4}) == std::vector<MatrixProduct>{{1, 40, 20, 30}});
  CHECK(products(header + "c,5,5,3,3,3,2,1,\n", {.batch = 4}) == std::vector<MatrixProduct>{{1, 36, 2, 27}});
}

TEST_CASE("What is no topology is refused with its line") {
  CHECK(refused("").starts_with("t.csv: no layers"));
  CHECK(refused("a,b\n1,2\n").starts_with("t.csv:1: no header of a SCALE-Sim topology"));
  CHECK(refused(header + "\nc,5,5,B,3,3,2,1,\n") == "t.csv:3: filter height is 'B', allowed are whole numbers from 1 to 1073741824");
  CHECK(refused("Layer,M,N,K,\na,0,1,1,\n") == "t.csv:2: M is '0', allowed are whole numbers from 1 to 1073741824");
  CHECK(refused("Layer,M,N,K,\na,1,1,\n") == "t.csv:2: the layer has no K, column 4 is needed");
  CHECK(refused(header + "c,5,5,7,7,3,2,1,\n").starts_with("t.csv:2: node 'c' (Conv): a window of 7 does not fit into 5"));
  CHECK(refused("Layer,M,N,K,Sparsity,\na,1,1,1,2:4,\n") == "t.csv:2: a sparsity of '2:4' is not modelled, allowed is 1:1");
}
