// What the loader refuses, and with which words.
#include "plugin/library.h"
#include "paths.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#ifdef __SSE__
#include <immintrin.h>
#endif

#include <cstdlib>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "plugin/elf.h"

namespace gapbench::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const fs::path good_plugins = test::plugin_folder();
const fs::path bad_plugins = test::bad_plugin_folder();

std::string refusal(const fs::path& path) {
  try {
    Library::load(path);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

std::string refusal_of_bad(const std::string& name) {
  return refusal(bad_plugins / (name + ".so"));
}

bool is_mapped(const fs::path& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (handle != nullptr) dlclose(handle);
  return handle != nullptr;
}

TEST(Library, AcceptsAPluginOfThisBuild) {
  const auto library = Library::load(good_plugins / "optimizers_sgd.so");
  ASSERT_EQ(library.components().size(), 1U);
  EXPECT_STREQ(library.components()[0].about.name, "sgd");
  EXPECT_NE(library.components()[0].make_optimizer, nullptr);
}

TEST(Library, UnloadsOneThatIsDroppedAndKeepsOneThatIsKept) {
  const test::TemporaryFolder folder;  // a copy: other tests may have kept the original
  const auto path = folder / "talkative.so";
  fs::copy(bad_plugins / "talkative.so", path);
  Library::load(path);
  EXPECT_FALSE(is_mapped(path));
  Library::load(path).keep();
  EXPECT_TRUE(is_mapped(path));
}

TEST(Library, AbsentFile) {
  EXPECT_EQ(refusal("nowhere/sgd.so"), "nowhere/sgd.so: there is no such file");
}

TEST(Library, FolderAndEmptyFileAndText) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(refusal(folder.path()), HasSubstr("is not a regular file"));
  EXPECT_THAT(refusal(folder.write("empty.so", "")), HasSubstr("is not a shared library"));
  EXPECT_THAT(refusal(folder.write("text.so", "gapbench-plugin: headers=1")),
              HasSubstr("is not a shared library"));
  EXPECT_THAT(refusal(folder.write("magic.so", "\177ELF")), HasSubstr("is cut off"));
}

TEST(Library, ForeignLibrary) {
  Dl_info info;
  ASSERT_NE(dladdr(dlsym(RTLD_DEFAULT, "cos"), &info), 0);
  EXPECT_THAT(refusal(info.dli_fname), HasSubstr("is not a gapbench plugin"));
}

TEST(Library, ItsOwnProgram) {
  EXPECT_THAT(refusal("/proc/self/exe"), testing::Not(HasSubstr("accepted")));
}

TEST(Library, OtherBuildIsRefusedWithBothFingerprintsBeforeItIsMapped) {
  const auto path = bad_plugins / "stale.so";
  EXPECT_THAT(refusal(path),
              AllOf(StartsWith(path.string()), HasSubstr("built for another harness"),
                    HasSubstr("plugin:  gapbench-plugin: headers=0123456789abcdef"),
                    HasSubstr("harness: " GAPBENCH_FINGERPRINT)));
  EXPECT_FALSE(is_mapped(path));
}

TEST(Library, SaysWhatDiffersFromAnotherBuild) {
  EXPECT_THAT(
      refusal_of_bad("stale"),
      HasSubstr("another harness: it was compiled with other gapbench headers; rebuild it."));
  EXPECT_THAT(refusal_of_bad("of_clang"),
              HasSubstr("another harness: it was compiled by Clang, which names itself GCC 4; "
                        "CXX=g++-" +
                        std::to_string(__GNUC__) + " compiles it for this one; rebuild it."));
}

TEST(Library, EveryPartOfTheFingerprintCounts) {
  const auto path = good_plugins / "optimizers_sgd.so";
  const std::string other = std::string(GAPBENCH_FINGERPRINT) + "x";
  EXPECT_THROW(Library::load(path, other), Error);
  EXPECT_THROW(Library::load(path, other.substr(0, other.size() - 2)), Error);
  EXPECT_NO_THROW(Library::load(path, GAPBENCH_FINGERPRINT));
}

TEST(Library, TheDescriptorsOwnFingerprintDecides) {
  EXPECT_THAT(refusal_of_bad("decoy"), HasSubstr("headers=0123456789abcdef"));
  EXPECT_EQ(refusal_of_bad("talkative"), "accepted");
}

TEST(Library, NoEntry) {
  EXPECT_THAT(refusal_of_bad("no_entry"),
              AllOf(HasSubstr("gapbench_plugin_v1"), HasSubstr("GAPBENCH_PLUGIN")));
}

TEST(Library, MissingSymbol) {
  EXPECT_THAT(refusal_of_bad("unresolved"),
              AllOf(HasSubstr("cannot be loaded"),
                    HasSubstr("undefined symbol: gapbench_function_that_nobody_defines")));
}

#ifdef __SSE__
TEST(Library, FastMathIsRefusedAndUndone) {
  const unsigned before = _mm_getcsr();
  EXPECT_THAT(refusal_of_bad("fast_math"), HasSubstr("-ffast-math"));
  EXPECT_EQ(_mm_getcsr(), before);
  volatile float small = 1e-38F;
  EXPECT_GT(small / 100, 0.0F);  // a denormal number is not flushed
}
#endif

TEST(Library, EmptyDescriptor) {
  EXPECT_THAT(refusal_of_bad("empty_descriptor"), HasSubstr("offers no component"));
}

TEST(Library, WrongDescriptorIsToldEverythingAtOnce) {
  const std::string message = refusal_of_bad("invalid");
  EXPECT_THAT(message, HasSubstr("its name is not lower_snake_case"));
  EXPECT_THAT(message, HasSubstr("has no summary"));
  EXPECT_THAT(message, HasSubstr("lambda: declared twice"));
  EXPECT_THAT(message, HasSubstr("lambda: default must be a real number >= 0, got -1"));
  EXPECT_THAT(message, HasSubstr("mode: has an empty choice"));
}

TEST(Library, AnErrorOutOfAPluginIsCaughtAsAnError) {
  const auto library = Library::load(bad_plugins / "throws.so");
  const Component& c = library.components()[0];
  const auto options = Options::resolve("throws", {c.options, c.option_count}, {});
  try {
    c.make_regularizer(options);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where(), "throws.strength");
  }
}

TEST(Library, SurvivesStrip) {
  const test::TemporaryFolder folder;
  const auto stripped = folder / "sgd.so";
  const std::string command = "strip -o '" + stripped.string() + "' '" +
                              (good_plugins / "optimizers_sgd.so").string() + "'";
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no strip on this machine";
  EXPECT_EQ(refusal(stripped), "accepted");
}

// Cut anywhere, from nothing to all but one byte.
TEST(Library, EveryTruncationIsSeenInTheBytes) {
  const std::string whole = read_file(good_plugins / "optimizers_sgd.so");
  const auto damage = [&](std::size_t size) {
    return library_damage({reinterpret_cast<const unsigned char*>(whole.data()), size});
  };
  EXPECT_EQ(damage(whole.size()), std::nullopt);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_NE(damage(size), std::nullopt) << size << " of " << whole.size();
  }
}

TEST(Library, ATruncatedFileIsRefused) {
  const test::TemporaryFolder folder;
  const std::string whole = read_file(good_plugins / "optimizers_sgd.so");
  for (const double part : {0.001, 0.1, 0.5, 0.9, 0.999}) {
    const auto size = static_cast<std::size_t>(part * static_cast<double>(whole.size()));
    const auto path = folder.write("cut.so", std::string_view(whole).substr(0, size));
    EXPECT_THAT(refusal(path), HasSubstr("is cut off")) << size;
  }
}

TEST(Library, DamagedHeadersAreRefused) {
  const test::TemporaryFolder folder;
  const std::string whole = read_file(good_plugins / "optimizers_sgd.so");
  const auto with = [&](std::size_t at, std::string_view bytes) {
    std::string changed = whole;
    changed.replace(at, bytes.size(), bytes);
    return refusal(folder.write("changed.so", changed));
  };
  constexpr std::string_view huge = "\xF0\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
  EXPECT_THAT(with(4, "\x01"), HasSubstr("another kind of machine"));   // 32 bit
  EXPECT_THAT(with(18, "\x28"), HasSubstr("another kind of machine"));  // ARM
  EXPECT_THAT(with(16, "\x02"), HasSubstr("is not a shared library"));  // a fixed program
  EXPECT_THAT(with(32, huge), HasSubstr("is cut off"));                 // program headers
  EXPECT_THAT(with(40, huge), HasSubstr("is cut off"));                 // section headers
  EXPECT_THAT(with(54, "\x01"), HasSubstr("is damaged"));               // size of an entry
  EXPECT_THAT(with(64 + 8, huge), HasSubstr("is cut off"));             // first segment's place
  EXPECT_THAT(with(64 + 56 + 32, huge), HasSubstr("is cut off"));       // second segment's size
}

}  // namespace
}  // namespace gapbench::plugin
