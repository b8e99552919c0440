// Pairs that Barz and Denzler (2020) judged to be one photograph, in the official files: every
// seventh of CIFAR-10's, every fifteenth of CIFAR-100's, in the order of their list.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "data/duplicates/duplicates.h"
#include "fixtures.h"

namespace gapbench::data::duplicates {
namespace {

struct Pair {
  std::uint32_t test;
  std::uint32_t train;
};

constexpr std::size_t others = 300;

struct Known {
  const char* set;
  std::vector<Pair> pairs;
  int at_least;  // of the pairs are found, each with its own partner
};

std::vector<Known> known() {
  return {
      {"cifar10",
       {{6611, 49007}, {673, 34116},  {7052, 2362},  {3641, 35894}, {7075, 26647}, {6350, 16752},
        {2911, 11817}, {6668, 8171},  {9112, 8368},  {9852, 28767}, {1579, 12668}, {5132, 34794},
        {8791, 21424}, {506, 17129},  {9936, 31596}, {3170, 44698}, {5976, 49980}, {6880, 35230},
        {7825, 18373}, {1335, 23032}, {4406, 18598}, {7652, 9510},  {9408, 15592}, {3488, 44168},
        {5368, 18487}, {3530, 5291},  {1313, 2582},  {5971, 41579}, {3861, 12221}, {6528, 7679},
        {7776, 42528}, {9297, 31375}, {3197, 7272},  {9350, 6566},  {3553, 8884},  {6483, 39842},
        {8895, 28456}, {31, 44160},   {1565, 12221}, {892, 17668}},
       36},
      {"cifar100",
       {{1100, 24083}, {4453, 13389}, {4148, 732},   {7470, 5758},  {6741, 48943}, {3902, 30412},
        {6297, 16211}, {6084, 48024}, {6073, 15060}, {2596, 14396}, {1380, 34472}, {7716, 23256},
        {6331, 27397}, {4365, 16215}, {3170, 10447}, {6693, 14859}, {3051, 23040}, {2599, 47071},
        {3743, 21746}, {8989, 10075}, {4980, 43847}, {751, 49420},  {484, 31697},  {1506, 33276},
        {3200, 3630},  {6441, 47369}, {6903, 28056}, {8461, 19685}, {5887, 26159}, {3790, 48335},
        {5423, 39977}, {4607, 1251},  {6595, 12054}, {8902, 39304}, {4418, 29667}, {3938, 7494},
        {3841, 5143},  {3949, 4129},  {2400, 2990},  {8970, 42524}},
       33}};
}

/// The images of the pairs, then `others` more of either part.
ImageRecords slice(const ImageRecords& all, const std::vector<Pair>& pairs) {
  ImageRecords few;
  for (const Pair& p : pairs) {
    few.test.images.push_back(all.test.images[p.test]);
    few.train.images.push_back(all.train.images[p.train]);
  }
  for (std::size_t i = 0; i < others; ++i) few.train.images.push_back(all.train.images[i]);
  for (std::size_t i = 0; i < 40; ++i) few.test.images.push_back(all.test.images[i]);
  return few;
}

TEST(DuplicatesOnRealData, FindsWhatOthersJudged) {
  const char* root = std::getenv("GAPBENCH_REAL_DATA");
  if (root == nullptr || *root == '\0') GTEST_SKIP() << "GAPBENCH_REAL_DATA is not set";
  for (const Known& k : known()) {
    const Request r = request(k.set, root);
    const Source source = find_set(r.name).read({r.name, r.options, r.root});
    const ImageRecords few = slice(std::get<ImageRecords>(source.records), k.pairs);
    int right = 0;
    int unexpected = 0;
    for (const Duplicate& d : find(source.shape, few, {})) {
      if (d.test >= k.pairs.size()) {
        ++unexpected;
      } else if (d.train == d.test) {
        ++right;
      }
    }
    EXPECT_GE(right, k.at_least) << k.set;
    EXPECT_LE(unexpected, 1) << k.set;
  }
}

}  // namespace
}  // namespace gapbench::data::duplicates
