// Checks of data sets: what their loader gives, from whole files and from others. That it is a whole set
// is seen where it is made.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <thread>

#include "gapbench/error.h"
#include "plugin/conformance/checks.h"

namespace gapbench::plugin::conformance {
namespace {

namespace fs = std::filesystem;

/// A folder that goes with this object.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "gapbench-data-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error(name, "cannot be made");
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

class DataChecks {
 public:
  DataChecks(const Component& component, const fs::path& data_root)
      : component_(component), folder_(data_root / component.about.name) {}

  Finding repeats() const {
    const DataRecords first = records();
    if (records() == first) return std::nullopt;
    return "gives other records when it is asked again";
  }

  Finding serves_two_threads() const {
    const DataRecords alone = records();
    if (records() != alone) return std::nullopt;  // named by another check
    DataRecords other;
    std::jthread thread([&] { other = records(); });
    const DataRecords here = records();
    thread.join();
    if (here == alone && other == alone) return std::nullopt;
    return "two threads at a time get other records than one after the other";
  }

  /// No folder, an empty one, and each file of a small set cut short: an Error or records, nothing else.
  Finding survives_broken_files() const {
    const Scratch scratch;
    if (auto finding = survives(scratch.path() / "nowhere", "no folder")) return finding;
    if (auto finding = survives(scratch.path(), "an empty folder")) return finding;
    const std::vector<fs::path> all = files();
    std::uintmax_t bytes = 0;
    for (const fs::path& file : all) bytes += fs::file_size(folder_ / file);
    constexpr std::uintmax_t most_bytes = 1 << 24;
    constexpr std::size_t most_files = 64;
    if (bytes > most_bytes || all.size() > most_files) return std::nullopt;
    for (const fs::path& file : all) {
      fs::create_directories((scratch.path() / file).parent_path());
      fs::copy_file(folder_ / file, scratch.path() / file);
    }
    for (const fs::path& file : all) {
      const fs::path cut = scratch.path() / file;
      const std::uintmax_t size = fs::file_size(cut);
      for (const std::uintmax_t left : {size - std::min<std::uintmax_t>(size, 1), size / 2,
                                        std::min<std::uintmax_t>(size, 8), std::uintmax_t{0}}) {
        fs::resize_file(cut, left);
        const std::string what = fmt::format("{} cut to {} of {} bytes", file.string(), left, size);
        if (auto finding = survives(scratch.path(), what)) return finding;
      }
      fs::copy_file(folder_ / file, cut, fs::copy_options::overwrite_existing);
    }
    return std::nullopt;
  }

  Finding known_test_examples() const {
    const DataRecords r = records();
    const auto train = examples(r.shape, r.train);
    const std::set<std::string_view> known(train.begin(), train.end());
    const auto test = examples(r.shape, r.test);
    const auto count =
        std::ranges::count_if(test, [&](std::string_view x) { return known.contains(x); });
    if (count == 0) return std::nullopt;
    return fmt::format("{} of {} test examples have the input of a training example, bit for bit",
                       count, test.size());
  }

 private:
  DataRecords records() const {
    return load_data_set(component_.about.name, component_.load_data, component_.has_targets,
                         example_options(component_), folder_);
  }

  // The loader by itself, so that what it throws is seen.
  Finding survives(const fs::path& folder, const std::string& what) const {
    try {
      component_.load_data(example_options(component_), folder);
      return std::nullopt;
    } catch (const Error&) {
      return std::nullopt;
    } catch (const std::exception& e) {
      return fmt::format("from {} it threw something that is not an Error: {}", what, e.what());
    }
  }

  /// Relative to the folder.
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(folder_, none)) {
      if (entry.is_regular_file()) all.push_back(fs::relative(entry.path(), folder_));
    }
    std::ranges::sort(all);
    return all;
  }

  static std::vector<std::string_view> examples(Shape shape, const DataPart& part) {
    const auto* bytes = part.bytes.empty() ? reinterpret_cast<const char*>(part.values.data())
                                           : reinterpret_cast<const char*>(part.bytes.data());
    const std::size_t each = shape.size() * (part.bytes.empty() ? sizeof(double) : 1);
    const std::size_t count = std::max(part.bytes.size(), part.values.size()) / shape.size();
    std::vector<std::string_view> all;
    for (std::size_t i = 0; i < count; ++i) all.emplace_back(bytes + i * each, each);
    return all;
  }

  const Component& component_;
  fs::path folder_;
};

}  // namespace

void check_data(const Component& component, Checks& checks) {
  const DataChecks data(component, checks.data_root());
  checks.run("gives the same records when asked again", [&] { return data.repeats(); });
  checks.run(
      "serves two threads at a time", [&] { return data.serves_two_threads(); }, Company::several);
  checks.run("reads what it can, or refuses, where files are missing or cut",
             [&] { return data.survives_broken_files(); });
  checks.remark("test examples are new", [&] { return data.known_test_examples(); });
}

}  // namespace gapbench::plugin::conformance
