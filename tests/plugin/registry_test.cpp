// Search paths, names, and that one bad library does not spoil the rest.
#include "plugin/registry.h"
#include "paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/hash.h"
#include "core/temporary_folder.h"
#include "plugin/opening.h"

namespace gapbench::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const fs::path good_plugins = test::plugin_folder();
const fs::path bad_plugins = test::bad_plugin_folder();

std::string reason_for(const Registry& registry, const std::string& file) {
  for (const Refusal& r : registry.refusals()) {
    if (r.library.filename() == file) return r.reason;
  }
  return "not refused";
}

std::string not_found(const Registry& registry, ComponentKind kind, const std::string& name) {
  try {
    registry.find(kind, name);
  } catch (const Error& e) {
    return e.what();
  }
  return "found";
}

class Variable {
 public:
  explicit Variable(const std::string& value) { setenv("GAPBENCH_PLUGINS", value.c_str(), 1); }
  ~Variable() { unsetenv("GAPBENCH_PLUGINS"); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
};

TEST(Registry, FindsByKindAndName) {
  const auto registry = Registry::load({good_plugins});
  EXPECT_TRUE(registry.refusals().empty());
  const Entry& sgd = registry.find(ComponentKind::optimizer, "sgd");
  EXPECT_STREQ(sgd.component->about.name, "sgd");
  EXPECT_EQ(sgd.library, good_plugins / "optimizers_sgd.so");
  EXPECT_EQ(sgd.library_sha256, hash_file(Digest::sha256, sgd.library));
  EXPECT_TRUE(registry.contains(ComponentKind::regularizer, "l2"));
  EXPECT_FALSE(registry.contains(ComponentKind::optimizer, "l2"));
}

TEST(Registry, TheRestStillLoads) {
  const auto registry = Registry::load({good_plugins, bad_plugins});
  EXPECT_TRUE(registry.contains(ComponentKind::optimizer, "adam"));
  EXPECT_TRUE(registry.contains(ComponentKind::regularizer, "talkative"));
  for (const char* name : {"stale", "decoy", "no_entry", "fast_math", "unresolved", "invalid"}) {
    EXPECT_NE(reason_for(registry, std::string(name) + ".so"), "not refused") << name;
  }
  // The reason does not repeat the path that stands beside it.
  EXPECT_THAT(reason_for(registry, "stale.so"), ::testing::StartsWith("built for another harness"));
}

TEST(Registry, TheFirstOfTwoEqualNamesStays) {
  const auto registry = Registry::load({good_plugins, bad_plugins});
  EXPECT_EQ(registry.find(ComponentKind::regularizer, "l2").library.filename(),
            "regularizers_l2.so");
  EXPECT_THAT(reason_for(registry, "taken.so"),
              AllOf(HasSubstr("\"l2\" is already taken by"), HasSubstr("regularizers_l2.so")));
  EXPECT_FALSE(registry.contains(ComponentKind::regularizer, "not_taken"));
  const auto reversed = Registry::load({bad_plugins, good_plugins});
  EXPECT_THAT(reason_for(reversed, "regularizers_l2.so"), HasSubstr("already taken"));
}

TEST(Registry, TheSameFolderTwiceIsOneFolder) {
  const auto registry = Registry::load({good_plugins, good_plugins / ".." / "plugins"});
  EXPECT_TRUE(registry.refusals().empty());
  EXPECT_EQ(registry.entries().size(), Registry::load({good_plugins}).entries().size());
}

TEST(Registry, OnlySharedLibrariesAreLookedAt) {
  const test::TemporaryFolder folder;
  folder.write("readme.txt", "not a plugin");
  folder.write("text.so", "not a plugin either");
  fs::create_symlink("nowhere", folder / "dangling.so");
  fs::create_directory(folder / "folder.so");
  const auto registry = Registry::load({folder.path()});
  EXPECT_TRUE(registry.entries().empty());
  EXPECT_EQ(registry.refusals().size(), 3U);
  EXPECT_EQ(reason_for(registry, "dangling.so"), "there is no such file");
  EXPECT_EQ(reason_for(registry, "readme.txt"), "not refused");
}

TEST(Registry, LibrariesAreTakenInTheOrderOfTheirNames) {
  const test::TemporaryFolder folder;
  for (const char* name : {"c.so", "e.so", "a.so", "d.so", "b.so", "f.so"}) folder.write(name, "");
  std::string order;
  const auto registry = Registry::load({folder.path()});
  for (const Refusal& r : registry.refusals()) {
    order += r.library.stem().string();
  }
  EXPECT_EQ(order, "abcdef");
}

TEST(Opening, NamesALibraryThatTakesTheProcessWithIt) {
  std::vector<fs::path> libraries;
  for (const char* name : {"exits", "throws_early", "waits", "crashes_late", "survives"}) {
    libraries.push_back(fs::path(test::hostile_plugin_folder()) / (std::string(name) + ".so"));
  }
  EXPECT_THAT(
      reasons_against(libraries, 1),
      ElementsAre("cannot be opened: ended the program with code 0",
                  "cannot be opened: SIGABRT: what():  no licence for this host",
                  "cannot be opened: did not end within 1 s", "cannot be opened: SIGSEGV", ""));
  EXPECT_TRUE(reasons_against({}).empty());
}

TEST(Registry, LeavesOutALibraryThatTakesTheProcessWithIt) {
  const test::TemporaryFolder folder;
  for (const char* name : {"exits.so", "survives.so", "throws_early.so"}) {
    fs::copy(fs::path(test::hostile_plugin_folder()) / name, folder / name);
  }
  const auto registry = Registry::load({folder.path()});
  EXPECT_EQ(reason_for(registry, "exits.so"), "cannot be opened: ended the program with code 0");
  EXPECT_THAT(reason_for(registry, "throws_early.so"), HasSubstr("no licence for this host"));
  EXPECT_TRUE(registry.contains(ComponentKind::regularizer, "survives"));
}

TEST(Registry, TheSameBytesUnderAnotherNameArePassedOver) {
  const test::TemporaryFolder folder;
  fs::copy(good_plugins / "optimizers_sgd.so", folder / "a.so");
  fs::copy(good_plugins / "optimizers_sgd.so", folder / "b.so");
  const auto registry = Registry::load({folder.path(), good_plugins});
  EXPECT_TRUE(registry.refusals().empty());
  EXPECT_EQ(registry.find(ComponentKind::optimizer, "sgd").library, folder / "a.so");
}

TEST(Registry, TakesLibrariesByThemselves) {
  const auto registry = Registry::load({good_plugins / "optimizers_adam.so"});
  ASSERT_EQ(registry.entries().size(), 1U);
  EXPECT_TRUE(registry.contains(ComponentKind::optimizer, "adam"));
}

TEST(Registry, AMissingFolderIsAnError) { EXPECT_THROW(Registry::load({"no/such/folder"}), Error); }

TEST(Registry, NamesTheNearest) {
  const auto registry = Registry::load({good_plugins});
  EXPECT_EQ(not_found(registry, ComponentKind::optimizer, "adams"),
            "adams: there is no optimizer of this name; did you mean \"adam\"?");
  EXPECT_THAT(not_found(registry, ComponentKind::optimizer, "l2"), HasSubstr("no optimizer"));
}

TEST(Registry, NamesARefusedLibraryThatMayHaveHeldIt) {
  const auto registry = Registry::load({bad_plugins});
  EXPECT_THAT(not_found(registry, ComponentKind::regularizer, "stale"),
              AllOf(HasSubstr("stale.so was refused"), HasSubstr("built for another harness")));
  EXPECT_THAT(not_found(registry, ComponentKind::optimizer, "sgd"),
              AllOf(HasSubstr("no plugin of this kind was found"), HasSubstr("--plugins")));
}

TEST(SearchPath, GivenThenVariableThenOwn) {
  unsetenv("GAPBENCH_PLUGINS");
  EXPECT_THAT(search_path({}), ElementsAre(fs::canonical(good_plugins)));
  const Variable variable(":b::c:");
  EXPECT_THAT(search_path({"a"}), ElementsAre("a", "b", "c", fs::canonical(good_plugins)));
}

TEST(Kinds, HaveWords) {
  EXPECT_STREQ(to_text(ComponentKind::optimizer), "optimizer");
  EXPECT_STREQ(to_text(ComponentKind::regularizer), "regularizer");
  EXPECT_STREQ(to_text(ComponentKind::probe), "probe");
  EXPECT_STREQ(to_text(ComponentKind::problem), "problem");
}

}  // namespace
}  // namespace gapbench::plugin
