#include "data/table_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

#include "data/label_noise.h"
#include "data/split.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

struct Scale {
  double mean = 0;
  double deviation = 1;
  bool constant = false;
};

/// Numbers in columns, `pixels` lines of them a row.
struct Columns {
  const std::vector<double>& values;
  std::size_t count = 0;
  std::size_t pixels = 1;

  /// Calls f with every value of a column in the given rows, in order.
  template <class F>
  void for_each(std::size_t column, std::span<const std::uint32_t> rows, F f) const {
    for (const std::uint32_t row : rows) {
      for (std::size_t p = 0; p < pixels; ++p) f(values[(row * pixels + p) * count + column]);
    }
  }
};

/// Of one column over the given rows.
Scale scale_of(const Columns& columns, std::size_t column, std::span<const std::uint32_t> rows) {
  const double first = columns.values[rows.front() * columns.pixels * columns.count + column];
  bool constant = true;
  double sum = 0;
  columns.for_each(column, rows, [&](double x) {
    constant = constant && x == first;
    sum += x;
  });
  if (constant) return {first, 1, true};  // a rounded mean would leave a tiny deviation
  const auto n = static_cast<double>(rows.size() * columns.pixels);
  const double mean = sum / n;
  double squares = 0;
  columns.for_each(column, rows, [&](double x) { squares += (x - mean) * (x - mean); });
  return {mean, std::sqrt(squares / n), false};
}

std::vector<Scale> scales_of(const Columns& columns, std::span<const std::uint32_t> rows) {
  std::vector<Scale> scales;
  for (std::size_t c = 0; c < columns.count; ++c) scales.push_back(scale_of(columns, c, rows));
  return scales;
}

/// Of the column of value i: the one farthest from 0, which a deviation that overflows comes from.
double farthest(const std::vector<double>& values, std::size_t columns, std::size_t i) {
  double found = 0;
  for (std::size_t k = i % columns; k < values.size(); k += columns) {
    if (std::abs(values[k]) > std::abs(found)) found = values[k];
  }
  return found;
}

std::vector<float> standardized(const std::vector<double>& values, const std::vector<Scale>& scales,
                                const std::string& name) {
  std::vector<float> out;
  out.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Scale& scale = scales[i % scales.size()];
    out.push_back(static_cast<float>((values[i] - scale.mean) / scale.deviation));
    if (std::isfinite(scale.deviation) && std::isfinite(out.back())) continue;
    throw Error(
        name, fmt::format(
                  "{} is too large to be standardized in f32",
                  std::isfinite(scale.deviation) ? values[i] : farthest(values, scales.size(), i)));
  }
  return out;
}

/// One official part, ready to copy rows from.
struct Rows {
  std::vector<float> features;
  std::vector<float> targets;
  std::vector<std::int32_t> labels;
};

class TableData final : public Data {
 public:
  TableData(const Request& request, Description description, TableRecords records)
      : description_(std::move(description)),
        is_drawn_(request.test_fraction > 0),
        split_(request, records.train.rows, records.test.rows) {
    const auto rows = split_.records(Part::train);
    const Shape shape = description_.shape;
    const auto features =
        scales_of({records.train.features, shape.channels, shape.height * shape.width}, rows);
    const auto targets = scales_of({records.train.targets, description_.target_width}, rows);
    if (description_.classes > 0) {
      draw_labels(request, description_.classes, rows, records.train.labels);
    }
    const auto made = [&](TablePart& part) {
      return Rows{standardized(part.features, features, request.name),
                  standardized(part.targets, targets, request.name), std::move(part.labels)};
    };
    train_ = made(records.train);
    test_ = made(records.test);
    note(features, targets);
  }

  const Description& description() const noexcept override { return description_; }
  std::size_t examples(Part part) const noexcept override { return split_.records(part).size(); }

  void gather(const Examples& examples, std::span<float> inputs, std::span<std::int32_t> labels,
              std::span<float> targets) const override {
    const std::size_t width = description_.shape.size();
    const std::size_t target_width = description_.target_width;
    assert(inputs.size() == examples.indices.size() * width);
    assert(targets.size() == examples.indices.size() * target_width);
    if (examples.augmented && examples.part == Part::train) {
      throw Error(description_.name, "has no images to crop and flip; augment must be false");
    }
    const Rows& part = examples.part == Part::test && !is_drawn_ ? test_ : train_;
    const auto records = split_.records(examples.part);
    for (std::size_t i = 0; i < examples.indices.size(); ++i) {
      assert(examples.indices[i] < records.size());
      const std::size_t record = records[examples.indices[i]];
      std::copy_n(part.features.data() + record * width, width, inputs.data() + i * width);
      std::copy_n(part.targets.data() + record * target_width, target_width,
                  targets.data() + i * target_width);
      if (!part.labels.empty()) labels[i] = part.labels[record];
    }
  }

 private:
  void note(const std::vector<Scale>& features, const std::vector<Scale>& targets) {
    for (std::size_t t = 0; t < targets.size(); ++t) {
      description_.target_scales.push_back(targets[t].deviation);
      if (is_drawn_) {  // one note for all seeds
        description_.notes.push_back(fmt::format(
            "{}: parts drawn anew by each seed, target {} standardized over the training "
            "part of each; errors are in units of its deviation there",
            description_.name, t));
        continue;
      }
      description_.notes.push_back(
          fmt::format("{}: target {} standardized over the training part: mean {:.6g}, deviation "
                      "{:.6g}; errors are in units of that deviation",
                      description_.name, t, targets[t].mean, targets[t].deviation));
    }
    const auto constant =
        std::count_if(features.begin(), features.end(), [](const Scale& s) { return s.constant; });
    if (constant == 0) return;
    description_.notes.push_back(
        fmt::format("{}: {} of {} features constant over the training part", description_.name,
                    constant, features.size()));
  }

  Description description_;
  bool is_drawn_;  ///< the test part is among the training records
  Split split_;
  Rows train_;
  Rows test_;
};

}  // namespace

std::unique_ptr<const Data> make_table_data(const Request& request, Description description,
                                            TableRecords records) {
  return std::make_unique<TableData>(request, std::move(description), std::move(records));
}

}  // namespace gapbench::data
