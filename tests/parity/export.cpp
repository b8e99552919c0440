// Writes down what the oracle answers about one network at one point, for another program to check.
//
//   parity_export FOLDER REQUEST
//
// REQUEST is JSON: {"network": "resnet20", "options": {"width": 16}, "side": 16, "classes": 10,
//                   "examples": 4, "mode": "training", "draw": 1, "shift": 0}
// Weights, images, labels and directions are drawn from the key `draw`. FOLDER gets, as raw f32 in
// gapbench's order, what was drawn and what was answered, and description.json with the tensors,
// the values of the heads and the names of the files: <array>.f32 for what belongs to no head,
// <head>.<answer>.f32 for the rest.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/file.h"
#include "data/data.h"
#include "gapbench/error.h"
#include "gapbench/head.h"
#include "nn/network.h"
#include "train/network_problem.h"
#include "train/oracle.h"

namespace {

using namespace gapbench;
using Json = nlohmann::ordered_json;
using Vector = std::vector<float>;

/// Normal pixels and uniform labels.
class DrawnImages final : public data::Data {
 public:
  DrawnImages(Shape shape, std::size_t classes, std::size_t examples, const Random& random)
      : inputs_(examples * shape.size()), labels_(examples) {
    description_.name = "drawn";
    description_.shape = shape;
    description_.classes = classes;
    Random draw = random.at("data");
    draw.normal(inputs_);
    for (auto& label : labels_) label = static_cast<std::int32_t>(draw.below(classes));
  }

  const data::Description& description() const noexcept override { return description_; }
  std::size_t examples(Part) const noexcept override { return labels_.size(); }
  void gather(const Examples& examples, std::span<float> inputs, std::span<std::int32_t> labels,
              std::span<float>) const override {
    const std::size_t size = description_.shape.size();
    for (std::size_t i = 0; i < examples.indices.size(); ++i) {
      const std::size_t from = examples.indices[i];
      std::copy_n(&inputs_[from * size], size, &inputs[i * size]);
      labels[i] = labels_[from];
    }
  }

 private:
  data::Description description_;
  Vector inputs_;
  std::vector<std::int32_t> labels_;
};

OptionMap options_of(const Json& json) {
  OptionMap options;
  for (const auto& [name, value] : json.items()) {
    if (value.is_boolean())
      options[name] = value.get<bool>();
    else if (value.is_number_integer())
      options[name] = value.get<std::int64_t>();
    else if (value.is_number())
      options[name] = value.get<double>();
    else
      options[name] = value.get<std::string>();
  }
  return options;
}

/// The start weights with biases and shifts that are not all 0 and scales that are not all 1.
/// Shifts lie around +shift or -shift, channel by channel: the larger, the fewer ReLUs near 0.
Vector start(const Problem& problem, const Random& random, float shift) {
  std::size_t dimension = 0;
  for (const TensorInfo& t : problem.tensors()) dimension += t.size;
  Vector w(dimension);
  problem.initialize(random.at("init"), w);
  Random draw = random.at("bias");
  for (const TensorInfo& t : problem.tensors()) {
    if (t.kind == TensorKind::weight) continue;
    const auto values = std::span(w).subspan(t.offset, t.size);
    draw.normal(values, 0.1);
    for (std::size_t i = 0; i < t.size; ++i) {
      if (t.kind == TensorKind::scale) values[i] += 1;
      if (t.kind == TensorKind::shift) values[i] += i % 3 == 0 ? -shift : shift;
    }
  }
  return w;
}

/// A direction of length 1.
Vector direction(std::size_t size, Random random) {
  Vector v(size);
  random.normal(v);
  double squares = 0;
  for (const float x : v) squares += static_cast<double>(x) * x;
  for (float& x : v) x = static_cast<float>(x / std::sqrt(squares));
  return v;
}

class Export {
 public:
  Export(std::filesystem::path folder, const Json& request)
      : folder_(std::move(folder)),
        random_(request.at("draw").get<std::uint64_t>()),
        examples_(request.at("examples").get<std::size_t>()),
        mode_(request.at("mode") == "training" ? Mode::training : Mode::evaluation) {
    const std::string name = request.at("network");
    const std::size_t side = request.at("side");
    const std::size_t classes = request.at("classes");
    const Shape shape{side, side, 3};
    auto images = std::make_unique<DrawnImages>(shape, classes, 2 * examples_, random_);
    images_ = images.get();
    const Options options = Options::resolve(name, nn::find_architecture(name).options,
                                             options_of(request.at("options")));
    problem_ = std::make_unique<train::NetworkProblem>(
        std::move(images), nn::make_network(name, options, {side, side, 3}, classes));
    w_ = start(*problem_, random_, request.at("shift"));
    v_ = direction(w_.size(), random_.at("v"));
    slot_ = std::make_unique<train::Slot>(*problem_, w_.size(), examples_);
    point_ = problem_->make_point();
    point_->assign(w_);
    for (std::uint32_t i = 0; i < 2 * examples_; ++i) indices_.push_back(i);
  }

  void write() {
    write_point();
    if (mode_ == Mode::evaluation) assign_statistics_of_other_examples();
    const std::size_t width = problem_->width();
    Vector ones(width, 1.0F);
    const Vector unit = direction(width, random_.at("unit"));
    write_array("unit", unit);
    std::vector<std::int32_t> sampled(examples_);
    Random draw = random_.at("sampled");
    for (auto& label : sampled) label = static_cast<std::int32_t>(draw.below(width));
    write_labels("sampled", sampled);

    // The heads. The program that checks has one line for each as well.
    ask("cross_entropy", CrossEntropy());
    ask("sampled_labels", CrossEntropy(sampled));
    ask("average_jacobian", Projection(ones));
    ask("unit_jacobian", Projection(unit));
    ask("squared_error", SquaredError());
    ask_jacobian();
    write_file_atomically(folder_ / "description.json", description_.dump(1));
  }

 private:
  static constexpr float lambda = 0.05F;

  train::OracleMicroBatch question(const Examples& examples, Mode mode) {
    return {*slot_, *problem_, *point_, examples, mode, random_, {}};
  }

  void write_point() {
    mine_.indices = std::span(indices_).first(examples_);
    Vector inputs(examples_ * images_->description().shape.size());
    std::vector<std::int32_t> labels(examples_);
    images_->gather(mine_, inputs, labels, {});
    write_array("inputs", inputs);
    write_labels("labels", labels);
    write_array("weights", w_);
    write_array("direction", v_);
    description_["lambda"] = lambda;
    for (const TensorInfo& t : problem_->tensors()) {
      description_["tensors"].push_back(
          {{"name", t.name}, {"shape", t.shape}, {"offset", t.offset}, {"size", t.size}});
    }
  }

  void assign_statistics_of_other_examples() {
    const Examples others{Part::train, std::span(indices_).last(examples_), false, 0};
    question(others, Mode::training).outputs();
    const auto measured = slot_->passes->statistics();
    write_array("running_statistics", measured);
    point_->assign_buffers(measured);
  }

  void ask(const std::string& name, const Head& head) {
    train::OracleMicroBatch micro_batch = question(mine_, mode_);
    Vector gradient(w_.size());
    Vector out(w_.size());
    description_["values"][name] = micro_batch.gradient(head, gradient);
    write_array(name + ".gradient", gradient);
    micro_batch.hessian_vector(head, v_, out);
    write_array(name + ".hessian_vector", out);
    micro_batch.hessian_vector(head, gradient, out);
    for (float& x : out) x *= 2 * lambda;
    write_array(name + ".penalty_gradient", out);
    micro_batch.gauss_newton_vector(head, v_, out);
    write_array(name + ".gauss_newton_vector", out);
    if (!problem_->buffers().empty()) return;  // batch normalization: no example stands alone
    std::vector<double> norms(examples_);
    micro_batch.example_gradient_norms(head, norms);
    write_array(name + ".example_norms", Vector(norms.begin(), norms.end()));
  }

  void ask_jacobian() {
    train::OracleMicroBatch micro_batch = question(mine_, mode_);
    const Outputs z = micro_batch.outputs();
    write_array("outputs", z.values);
    if (mode_ == Mode::training) write_array("statistics", slot_->passes->statistics());
    const Vector u = direction(z.values.size(), random_.at("u"));
    write_array("cotangent", u);
    Vector moved(u.size());
    micro_batch.jacobian_vector(v_, moved);
    write_array("jacobian_vector", moved);
    Vector pulled(w_.size());
    micro_batch.vector_jacobian(u, pulled);
    write_array("vector_jacobian", pulled);
  }

  void write_array(const std::string& name, std::span<const float> values) const {
    write_file_atomically(folder_ / (name + ".f32"),
                          {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  }
  void write_labels(const std::string& name, std::span<const std::int32_t> labels) const {
    write_array(name, Vector(labels.begin(), labels.end()));
  }

  std::filesystem::path folder_;
  Random random_;
  std::size_t examples_;
  Mode mode_;
  const data::Data* images_ = nullptr;
  std::unique_ptr<train::NetworkProblem> problem_;
  Vector w_, v_;
  std::unique_ptr<train::Slot> slot_;
  std::unique_ptr<Point> point_;
  std::vector<std::uint32_t> indices_;  ///< first half: asked about; second half: the others
  Examples mine_;
  Json description_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: parity_export FOLDER REQUEST\n");
    return 1;
  }
  try {
    make_folder(argv[1]);
    Export(argv[1], Json::parse(argv[2])).write();
  } catch (const std::exception& error) {
    fmt::print(stderr, "parity_export: {}\n", error.what());
    return 1;
  }
}
