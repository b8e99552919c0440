// The embedded sets: the same everywhere, learnable, and not too easily.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "core/hash.h"
#include "data/sets/set.h"
#include "data/sets/textures.h"
#include "fixtures.h"

namespace gapbench::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Source source(const std::string& name, const OptionMap& given) {
  const Request r = request(name, "", given);
  Source read = find_set(name).read({r.name, r.options, r.root});
  std::get<ImageRecords>(read.records).draw_all();
  return read;
}

OptionMap small(std::int64_t examples, std::int64_t seed = 0) {
  return {{"examples", examples}, {"test_examples", std::int64_t{20}}, {"seed", seed}};
}

std::string bytes(const ImagePart& part, std::size_t i) {
  return {reinterpret_cast<const char*>(part.images[i]), Textures::bytes};
}

TEST(Synthetic, ContentsArePinned) {
  // Changing any of these means raising generator_version.
  const auto hash = [](const std::string& name) {
    const Source s = source(name, small(20));
    const auto& records = std::get<ImageRecords>(s.records);
    std::string all;
    for (std::size_t i = 0; i < 20; ++i) all += bytes(records.train, i) + bytes(records.test, i);
    return hash_bytes(Digest::sha256, all).substr(0, 16);
  };
  EXPECT_EQ(hash("synthetic10"), "c8c8e3cc87722e84");
  EXPECT_EQ(hash("synthetic100"), "7b3c3430e38084db");
}

TEST(Synthetic, AnExampleIsAFunctionOfSeedPartAndIndex) {
  const Source few = source("synthetic10", small(5));
  const Source many = source("synthetic10", small(30));
  const Source other = source("synthetic10", small(5, 1));
  const auto& a = std::get<ImageRecords>(few.records);
  const auto& b = std::get<ImageRecords>(many.records);
  const auto& c = std::get<ImageRecords>(other.records);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(bytes(a.train, i), bytes(b.train, i));
    EXPECT_NE(bytes(a.train, i), bytes(c.train, i));
    EXPECT_NE(bytes(a.train, i), bytes(a.test, i));
    EXPECT_NE(bytes(a.train, i), bytes(b.train, i + 10));
  }
}

TEST(Synthetic, TheChecksumStandsForTheOptions) {
  const auto of = [](const std::string& name, const OptionMap& o) {
    return checksum(request(name, "", o));
  };
  EXPECT_EQ(of("synthetic10", small(5)), of("synthetic10", small(5)));
  EXPECT_EQ(of("synthetic10", small(5)), source("synthetic10", small(5)).checksum);
  EXPECT_NE(of("synthetic10", small(5)), of("synthetic10", small(5, 1)));
  EXPECT_NE(of("synthetic10", small(5)), of("synthetic100", small(5)));
  EXPECT_NE(of("synthetic10", {{"noise", 1.0}}), of("synthetic10", {}));
}

TEST(Synthetic, SaysWhatItIs) {
  const auto data = load(request("synthetic10", "", small(10)));
  EXPECT_TRUE(data->description().synthetic);
  EXPECT_THAT(data->description().notes,
              ElementsAre(HasSubstr("says nothing about real data"),
                          HasSubstr("2 % of the training labels drawn at random")));
  EXPECT_EQ(load(request("synthetic100", "", small(10)))->description().classes, 100U);
  EXPECT_THAT(error_of([] {
                request("synthetic10", "", {{"examples", std::int64_t{0}}});
              }),
              HasSubstr("synthetic10: examples: must be a whole number"));
}

/// Softmax regression on raw pixels by plain stochastic gradient descent, in example order.
class LinearClassifier {
 public:
  LinearClassifier(const Gathered& train, std::size_t classes) : classes_(classes) {
    weights_.resize(classes * width_);
    for (int epoch = 0; epoch < 4; ++epoch) {
      for (std::size_t i = 0; i < train.labels.size(); ++i) {
        step(train.inputs.data() + i * width_, static_cast<std::size_t>(train.labels[i]));
      }
    }
  }

  double accuracy(const Gathered& part) const {
    int right = 0;
    for (std::size_t i = 0; i < part.labels.size(); ++i) {
      const auto scores = score(part.inputs.data() + i * width_);
      const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
      right += best == part.labels[i] ? 1 : 0;
    }
    return static_cast<double>(right) / static_cast<double>(part.labels.size());
  }

 private:
  std::vector<float> score(const float* x) const {
    std::vector<float> scores(classes_);
    for (std::size_t c = 0; c < classes_; ++c) {
      float lanes[8] = {};
      const float* w = weights_.data() + c * width_;
      for (std::size_t k = 0; k < width_; k += 8) {
        for (std::size_t l = 0; l < 8; ++l) lanes[l] += w[k + l] * x[k + l];
      }
      for (const float lane : lanes) scores[c] += lane;
    }
    return scores;
  }

  void step(const float* x, std::size_t label) {
    std::vector<float> p = score(x);
    const float most = *std::max_element(p.begin(), p.end());
    float sum = 0;
    for (float& v : p) sum += v = std::exp(v - most);
    for (std::size_t c = 0; c < classes_; ++c) {
      const float g = 0.0005F * (p[c] / sum - (c == label ? 1.0F : 0.0F));
      float* w = weights_.data() + c * width_;
      for (std::size_t k = 0; k < width_; ++k) w[k] -= g * x[k];
    }
  }

  static constexpr std::size_t width_ = Textures::bytes;
  std::size_t classes_;
  std::vector<float> weights_;
};

double nearest_neighbour_accuracy(const Gathered& train, const Gathered& test, std::size_t count) {
  constexpr std::size_t width = Textures::bytes;
  int right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    float nearest = INFINITY;
    std::int32_t label = -1;
    for (std::size_t j = 0; j < train.labels.size(); ++j) {
      float lanes[8] = {};
      const float* a = test.inputs.data() + i * width;
      const float* b = train.inputs.data() + j * width;
      for (std::size_t k = 0; k < width; k += 8) {
        for (std::size_t l = 0; l < 8; ++l)
          lanes[l] += (a[k + l] - b[k + l]) * (a[k + l] - b[k + l]);
      }
      const float distance =
          lanes[0] + lanes[1] + lanes[2] + lanes[3] + lanes[4] + lanes[5] + lanes[6] + lanes[7];
      if (distance < nearest) {
        nearest = distance;
        label = train.labels[j];
      }
    }
    right += label == test.labels[i] ? 1 : 0;
  }
  return right / static_cast<double>(count);
}

struct Expected {
  const char* name;
  double linear_low, linear_high, neighbour_low, neighbour_high;
};

class Learnable : public ::testing::TestWithParam<Expected> {};

// A training set of 2,000 pictures: simple classifiers do much better than chance (0.1, 0.01) and
// much worse on the test part than on the training part.
TEST_P(Learnable, WithARealGap) {
  Request r = request(GetParam().name, "", {{"test_examples", std::int64_t{400}}});
  r.train = 2000;
  const auto data = load(r);
  const Gathered train = gather_all(*data, Part::train);
  const Gathered test = gather_all(*data, Part::test);
  const LinearClassifier linear(train, data->description().classes);
  const double on_test = linear.accuracy(test);
  EXPECT_GT(on_test, GetParam().linear_low);
  EXPECT_LT(on_test, GetParam().linear_high);
  EXPECT_GT(linear.accuracy(train), on_test + 0.25);
  const double neighbour = nearest_neighbour_accuracy(train, test, 150);
  EXPECT_GT(neighbour, GetParam().neighbour_low);
  EXPECT_LT(neighbour, GetParam().neighbour_high);
  RecordProperty("linear_test", std::to_string(on_test));
  RecordProperty("neighbour_test", std::to_string(neighbour));
}

INSTANTIATE_TEST_SUITE_P(Sets, Learnable,
                         ::testing::Values(Expected{"synthetic10", 0.25, 0.55, 0.3, 0.65},
                                           Expected{"synthetic100", 0.15, 0.55, 0.2, 0.65}));

}  // namespace
}  // namespace gapbench::data
