#include "gapbench/data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

#include "gapbench/error.h"
#include "gapbench/options.h"

namespace gapbench {
namespace {

/// The part that a message is about.
class PartCheck {
 public:
  PartCheck(const std::string& set, const char* part, const DataRecords& records,
            const DataPart& given)
      : set_(set), part_(part), records_(records), given_(given) {}

  void require_whole() const {
    require_inputs();
    if (records_.classes > 0) return require_labels();
    require_lengths("targets", given_.targets.size(), records_.target_width);
    require_finite("targets", given_.targets, records_.target_width);
    require_none("labels", given_.labels.size());
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(set_, fmt::format("{} part: {}", part_, what));
  }

  std::size_t inputs() const { return std::max(given_.bytes.size(), given_.values.size()); }
  std::size_t examples() const { return inputs() / records_.shape.size(); }

  void require_inputs() const {
    if (!given_.bytes.empty() && !given_.values.empty()) {
      refuse(fmt::format("{} bytes and {} numbers; give either", given_.bytes.size(),
                         given_.values.size()));
    }
    if (inputs() == 0) refuse("is empty; at least one example is needed");
    if (inputs() % records_.shape.size() != 0) {
      refuse(fmt::format("{} input numbers are no multiple of {}, the size of one example",
                         inputs(), records_.shape.size()));
    }
    if (examples() > std::numeric_limits<std::uint32_t>::max()) {
      refuse(fmt::format("{} examples; at most 2^32 - 1 can be told apart", examples()));
    }
    require_finite("values", given_.values, records_.shape.size());
  }

  void require_labels() const {
    require_lengths("labels", given_.labels.size(), 1);
    require_none("targets", given_.targets.size());
    for (std::size_t i = 0; i < given_.labels.size(); ++i) {
      const std::int32_t label = given_.labels[i];
      if (label >= 0 && static_cast<std::size_t>(label) < records_.classes) continue;
      refuse(
          fmt::format("label {} of example {}, must be 0 to {}", label, i, records_.classes - 1));
    }
  }

  void require_lengths(const char* what, std::size_t given, std::size_t each) const {
    if (given == examples() * each) return;
    refuse(fmt::format("{} {} for {} examples, {} expected", given, what, examples(),
                       examples() * each));
  }

  void require_none(const char* what, std::size_t given) const {
    if (given == 0) return;
    refuse(fmt::format("{} {}, and the set has {}", given, what,
                       records_.classes > 0 ? "classes" : "targets"));
  }

  void require_finite(const char* what, const std::vector<double>& values, std::size_t each) const {
    const auto at = std::ranges::find_if(values, [](double x) { return !std::isfinite(x); });
    if (at == values.end()) return;
    const auto i = static_cast<std::size_t>(at - values.begin());
    refuse(fmt::format("{} among the {} of example {}, must be finite", *at, what, i / each));
  }

  const std::string& set_;
  const char* part_;
  const DataRecords& records_;
  const DataPart& given_;
};

void require_kind(const std::string& set, bool has_targets, const DataRecords& records) {
  if (has_targets && (records.classes > 0 || records.target_width == 0)) {
    throw Error(set,
                fmt::format("is a regression_set and gives {} classes and a target_width of {}; "
                            "must be 0 and at least 1",
                            records.classes, records.target_width));
  }
  if (!has_targets && (records.classes < 2 || records.target_width > 0)) {
    throw Error(set,
                fmt::format("is a data_set of classes and gives {} classes and a target_width of "
                            "{}; must be at least 2 and 0",
                            records.classes, records.target_width));
  }
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
  for (const std::size_t number : {records.classes, records.target_width}) {
    if (number > most) throw Error(set, fmt::format("{} outputs; at most {}", number, most));
  }
}

void require_shape(const std::string& set, Shape shape) {
  constexpr double most = std::numeric_limits<std::int32_t>::max();
  const double size = static_cast<double>(shape.height) * static_cast<double>(shape.width) *
                      static_cast<double>(shape.channels);
  if (size >= 1 && size <= most) return;
  throw Error(set, fmt::format("an example of {}x{}x{}; must be at least 1x1x1 and at most {:.0f} "
                               "numbers",
                               shape.height, shape.width, shape.channels, most));
}

void require_whole(const std::string& set, bool has_targets, const DataRecords& records) {
  require_shape(set, records.shape);
  require_kind(set, has_targets, records);
  PartCheck(set, "training", records, records.train).require_whole();
  PartCheck(set, "test", records, records.test).require_whole();
  if (records.train.bytes.empty() != records.test.bytes.empty()) {
    throw Error(set, "gives bytes in one part and numbers in the other; both must be of one kind");
  }
  if (has_targets && !records.train.bytes.empty()) {
    throw Error(set, "gives bytes with targets; give a regression's inputs as numbers, in values");
  }
}

}  // namespace

DataRecords load_data_set(const std::string& set, DataLoader* load, bool has_targets,
                          const Options& options, const std::filesystem::path& folder) {
  try {
    DataRecords records = load(options, folder);
    require_whole(set, has_targets, records);
    return records;
  } catch (const Error& e) {
    if (e.where() == set || e.where().starts_with(set + ".")) throw;
    throw Error(set, e.what());
  } catch (const std::exception& e) {
    throw Error(set, fmt::format("could not be read: {}", e.what()));
  }
}

}  // namespace gapbench
