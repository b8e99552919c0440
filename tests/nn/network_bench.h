// A small network with data, and the questions that tests ask of it.
#pragma once

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gapbench/head.h"
#include "gapbench/options.h"
#include "gapbench/random.h"
#include "nn/network.h"

namespace gapbench::nn {

using Vector = std::vector<float>;

inline std::unique_ptr<const Network> network(const std::string& name, const OptionMap& options,
                                              ImageShape input, std::size_t width) {
  const auto resolved = Options::resolve(name, find_architecture(name).options, options);
  return make_network(name, resolved, input, width);
}

inline double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}
inline double norm(std::span<const float> a) { return std::sqrt(dot(a, a)); }

/// a + t b
inline Vector moved(const Vector& a, double t, const Vector& b) {
  Vector sum(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) sum[i] = static_cast<float>(a[i] + t * b[i]);
  return sum;
}

/// The network on random examples, with the derivatives of one head.
class Questions {
 public:
  Questions(const Network& network, std::size_t examples, const Head& head)
      : Questions(network, examples, head, network.make_workspace(examples)) {}
  Questions(const Network& network, std::size_t examples, const Head& head,
            std::unique_ptr<Workspace> workspace)
      : network_(network),
        head_(head),
        examples_(examples),
        workspace_(std::move(workspace)),
        w_(network.make_point()),
        v_(network.make_point()),
        labels_(examples),
        cotangent_(examples * network.width()),
        cotangent_tangent_(cotangent_.size()) {
    Random random = Random(3).at("data");
    random.normal(workspace_->inputs());
    for (auto& label : labels_) label = static_cast<std::int32_t>(random.below(network.width()));
  }

  Workspace& workspace() { return *workspace_; }

  Vector outputs(const Vector& w) {
    w_->assign(w);
    const auto z = workspace_->forward(*w_, Mode::training);
    return {z.begin(), z.end()};
  }

  double value(const Vector& w) { return head_.value(forward(w), {}); }

  Vector gradient(const Vector& w) {
    Vector out(network_.dimension());
    head_.value(forward(w), cotangent_);
    workspace_->backward(cotangent_, out);
    return out;
  }

  Vector hessian_vector(const Vector& w, const Vector& v) {
    gradient(w);
    return curvature_along(v);
  }

  /// Behind gradient(w): the tangent passes alone.
  Vector curvature_along(const Vector& v) {
    Vector out(network_.dimension());
    v_->assign(v);
    const auto jv = workspace_->tangent_forward(*v_);
    head_.curvature(z_, jv, cotangent_tangent_);
    workspace_->tangent_backward(cotangent_tangent_, out);
    return out;
  }

  Vector jacobian_vector(const Vector& w, const Vector& v) {
    forward(w);
    v_->assign(v);
    const auto jv = workspace_->tangent_forward(*v_);
    return {jv.begin(), jv.end()};
  }

  Vector vector_jacobian(const Vector& w, const Vector& u) {
    Vector out(network_.dimension());
    forward(w);
    workspace_->backward(u, out);
    return out;
  }

 private:
  Outputs forward(const Vector& w) {
    w_->assign(w);
    z_ = {examples_, network_.width(), workspace_->forward(*w_, Mode::training), labels_, {}};
    return z_;
  }

  const Network& network_;
  const Head& head_;
  std::size_t examples_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<Point> w_;
  std::unique_ptr<Point> v_;
  std::vector<std::int32_t> labels_;
  Vector cotangent_;
  Vector cotangent_tangent_;
  Outputs z_;
};

/// The starting weights with biases and shifts that are not all 0 and scales that are not all 1.
inline Vector start(const Network& network) {
  Vector w(network.dimension());
  network.initialize(Random(5), w);
  Random random = Random(5).at("bias");
  for (const TensorInfo& t : network.tensors()) {
    if (t.kind == TensorKind::weight) continue;
    const auto values = std::span(w).subspan(t.offset, t.size);
    random.normal(values, 0.1);
    if (t.kind == TensorKind::scale) {
      for (float& x : values) x += 1;
    }
  }
  return w;
}

/// A direction of length 1.
inline Vector direction(std::size_t size, std::uint64_t key) {
  Vector v(size);
  Random(7).at("direction", key).normal(v);
  const auto length = static_cast<float>(norm(v));
  for (float& x : v) x /= length;
  return v;
}

}  // namespace gapbench::nn
