// C++ hnswlib on Fashion-MNIST (cosine, top 10, one thread): one JSON object for each ef.
// g++ -O3 -march=native -ffast-math hnswlib_peer.cpp -o hnswlib_peer
// usage: hnswlib_peer TRAIN TEST M EF_CONSTRUCTION EF...     TRAIN and TEST: unpacked IDX files
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "hnswlib/hnswlib.h"

constexpr int kDimension = 784, kNeighbors = 10, kQueries = 1000, kHeader = 16, kRounds = 5;

static double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static std::vector<std::vector<float>> unit_rows(const char* path, size_t most) {
  std::ifstream file(path, std::ios::binary);
  std::vector<unsigned char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::vector<float>> rows;
  for (size_t at = kHeader; at + kDimension <= bytes.size() && rows.size() < most; at += kDimension) {
    std::vector<float> row(bytes.begin() + at, bytes.begin() + at + kDimension);
    double squares = 0;
    for (float v : row) squares += v * v;
    for (float& v : row) v /= std::sqrt(squares);
    rows.push_back(std::move(row));
  }
  return rows;
}

static std::set<size_t> nearest(const std::vector<std::vector<float>>& base, const std::vector<float>& query) {
  std::vector<std::pair<float, size_t>> scored;
  for (size_t i = 0; i < base.size(); i++) {
    float product = 0;
    for (int j = 0; j < kDimension; j++) product += base[i][j] * query[j];
    scored.emplace_back(-product, i);
  }
  std::partial_sort(scored.begin(), scored.begin() + kNeighbors, scored.end());
  std::set<size_t> ids;
  for (int i = 0; i < kNeighbors; i++) ids.insert(scored[i].second);
  return ids;
}

int main(int argc, char** argv) {
  if (argc < 6) return std::fprintf(stderr, "usage: hnswlib_peer TRAIN TEST M EF_CONSTRUCTION EF...\n"), 2;
  auto base = unit_rows(argv[1], SIZE_MAX), queries = unit_rows(argv[2], kQueries);
  int m = std::atoi(argv[3]), ef_construction = std::atoi(argv[4]);
  std::vector<std::set<size_t>> truth;
  for (auto& query : queries) truth.push_back(nearest(base, query));
  hnswlib::InnerProductSpace space(kDimension);
  hnswlib::HierarchicalNSW<float> graph(&space, base.size(), m, ef_construction);
  double start = seconds();
  for (size_t i = 0; i < base.size(); i++) graph.addPoint(base[i].data(), i);
  double build = seconds() - start;
  for (int a = 5; a < argc; a++) {
    graph.setEf(std::atoi(argv[a]));
    double best = 1e9;
    int hits = 0;
    for (int round = 0; round < kRounds; round++) {
      hits = 0;
      start = seconds();
      for (size_t q = 0; q < queries.size(); q++) {
        for (auto found = graph.searchKnn(queries[q].data(), kNeighbors); !found.empty(); found.pop())
          hits += truth[q].count(found.top().second);
      }
      best = std::min(best, seconds() - start);
    }
    std::printf("{\"peer\":\"hnswlib C++\",\"m\":%d,\"efConstruction\":%d,\"efSearch\":%s,\"threads\":1,"
                "\"buildSeconds\":%.1f,\"recall\":%.4f,\"queriesPerSecond\":%.0f}\n",
                m, ef_construction, argv[a], build, hits / double(kNeighbors * queries.size()), queries.size() / best);
  }
}
