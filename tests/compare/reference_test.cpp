#include "compare/rows/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "compare/compare.h"
#include "core/temporary_folder.h"
#include "error_of.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::error_of;
using test::some_record;
using test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Classes 1, 0, 0 (a tie) against 1, 1, 0; distances 0.25, 1, 0.5.
TEST(Nearness, ByHand) {
  const std::array p{0.25F, 0.75F, 1.0F, 0.0F, 0.5F, 0.5F};
  const std::array q{0.5F, 0.5F, 0.0F, 1.0F, 1.0F, 0.0F};
  const Nearness to_itself = nearness(p, p, 2);
  EXPECT_EQ(to_itself.agreement, 1);
  EXPECT_EQ(to_itself.total_variation, 0);
  const Nearness near = nearness(p, q, 2);  // q of the first is a tie: class 0
  EXPECT_EQ(near.agreement, 1.0 / 3);
  EXPECT_EQ(near.total_variation, (0.25 + 1 + 0.5) / 3);
  EXPECT_EQ(nearness(q, p, 2).total_variation, near.total_variation);
}

/// One example of two classes a trial: the probability of the first.
class Reference : public ::testing::Test {
 protected:
  void add(const std::string& method, std::uint64_t seed, std::optional<float> p) {
    Record r = some_record(method, seed, "aaaaaaa" + std::to_string(next_++));
    r.outcome.final->predictive.emplace().test.emplace().examples = 1;
    records::RecordWriter writer(root_.path() / r.folder);
    writer.write_trial("suite: demo\n");
    if (p) writer.write_predictions(std::array{*p, 1 - *p});
    writer.append(*r.outcome.final);
    writer.finish(r);
  }
  Records read() const { return records::read_records({root_.path()}); }

  TemporaryFolder root_;
  int next_ = 1;
};

TEST_F(Reference, PairsAreOfOneSeed) {
  add("hmc", 1, 0.75F);
  add("hmc", 2, 0.25F);
  add("sgd", 1, 0.5F);
  add("sgd", 2, 1.0F);
  add("sgd", 3, 1.0F);           // the reference has no such seed
  add("swag", 1, std::nullopt);  // kept none
  const Records with = with_reference(read(), "hmc");
  std::size_t found = 0;
  for (const Record& r : with.good) {
    const auto& probes = r.outcome.final->probes;
    if (r.method != "sgd" || r.seed == 3) {
      EXPECT_THAT(probes, IsEmpty()) << r.folder;
      continue;
    }
    ++found;
    ASSERT_EQ(probes.size(), 2U);
    EXPECT_EQ(probes[0].metric, "agreement");
    EXPECT_EQ(probes[0].value, r.seed == 1 ? 1 : 0);
    EXPECT_EQ(probes[1].value, r.seed == 1 ? 0.25 : 0.75);
  }
  EXPECT_EQ(found, 2U);
}

TEST_F(Reference, IsAColumn) {
  for (const std::uint64_t seed : {1, 2}) {
    add("hmc", seed, 0.75F);
    add("sgd", seed, 0.25F);
  }
  CompareOptions options;
  options.reference = "hmc";
  const std::string text = compare(read(), options);
  EXPECT_THAT(text, HasSubstr("reference.agreement | reference.total_variation"));
}

TEST_F(Reference, WhatIsMissingIsSaid) {
  add("sgd", 1, 0.5F);
  add("swag", 1, std::nullopt);
  EXPECT_THAT(error_of([&] { with_reference(read(), "swagg"); }),
              HasSubstr("no finished trial is of a method \"swagg\"; did you mean \"swag\""));
  EXPECT_THAT(error_of([&] { with_reference(read(), "swag"); }),
              HasSubstr("no trial of swag kept its predictions; run it with record"));
  EXPECT_THAT(error_of([&] { with_reference(read(), "sgd"); }),
              HasSubstr("no trial with predictions has one of sgd of the same seed"));
  CompareOptions options;
  options.reference = "sgd";
  options.at = At::best_validation;
  EXPECT_THAT(error_of([&] { compare(read(), options); }), HasSubstr("after the last step"));
}

}  // namespace
}  // namespace gapbench::compare
