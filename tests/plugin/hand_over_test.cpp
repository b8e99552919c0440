// What the host hands to optimizers: others, to any depth, and trajectories.
#include "plugin/hand_over.h"
#include "paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gapbench/error.h"

namespace gapbench::plugin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Registry& plugins() {
  static const Registry registry = Registry::load({test::plugin_folder()});
  return registry;
}

const Component& graft() { return *plugins().find(ComponentKind::optimizer, "graft").component; }

std::vector<TensorInfo> one_weight() { return {{"w", TensorKind::weight, {1}, 0, 1}}; }

std::string refusal(const OptionMap& given) {
  try {
    resolve_options("graft", graft(), given, plugins());
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

const OptionMap two_levels = {{"magnitude", "graft"},
                              {"magnitude.revision", std::int64_t{1}},
                              {"magnitude.magnitude", "sgd"},
                              {"magnitude.magnitude.learning_rate", 0.5},
                              {"magnitude.magnitude.revision", std::int64_t{1}},
                              {"magnitude.direction", "adam"},
                              {"direction", "sgd"},
                              {"direction.learning_rate", 0.25}};

TEST(HandOver, MakesInnerOptimizersToAnyDepth) {
  const Options o = resolve_options("graft", graft(), two_levels, plugins());
  EXPECT_NE(o.optimizer("magnitude", one_weight()), nullptr);
  EXPECT_NE(graft().make_optimizer(o, one_weight()), nullptr);
  EXPECT_THAT(inner_optimizers(graft(), two_levels, plugins()),
              ElementsAre("graft", "sgd", "adam", "sgd"));
}

TEST(HandOver, NamesWhatIsWrongInside) {
  OptionMap given = two_levels;
  given["magnitude.magnitude.learning_rate"] = -1.0;
  EXPECT_EQ(refusal(given),
            "graft.magnitude.magnitude: learning_rate: must be a real number > 0, got -1.0");
  given = two_levels;
  given["direction.learning_rat"] = 1.0;
  EXPECT_THAT(refusal(given), HasSubstr("graft.direction: learning_rat: unknown option"));
  given["direction"] = "sgdd";
  EXPECT_THAT(refusal(given), HasSubstr("did you mean \"sgd\"?"));
  EXPECT_THAT(refusal({{"direction", "adam"}}), HasSubstr("graft: magnitude: missing"));
}

TEST(HandOver, TrajectoriesReachTheOptimizerThatAsks) {
  const OptionMap given = {
      {"magnitude", "external_graft"}, {"magnitude.from", "small"}, {"direction", "adam"}};
  const auto lengths = std::make_shared<const std::vector<float>>(3, 0.5F);
  const Options o =
      resolve_options("graft", graft(), given, plugins(), {{"magnitude.from", lengths}});
  EXPECT_NE(o.optimizer("magnitude", one_weight()), nullptr);
  const Options without = resolve_options("graft", graft(), given, plugins());
  EXPECT_THROW(without.optimizer("magnitude", one_weight()), Error);
}

}  // namespace
}  // namespace gapbench::plugin
