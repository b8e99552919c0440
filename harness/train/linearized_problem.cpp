#include "train/linearized_problem.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "gapbench/error.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

/// Stands for w where a forward takes it, and for a direction v where a tangent pass does.
class LinearizedPoint final : public Point {
 public:
  LinearizedPoint(std::span<const float> start, std::unique_ptr<Point> from_start,
                  std::unique_ptr<Point> direction)
      : start_(start),
        difference_(start.size()),
        from_start_(std::move(from_start)),
        direction_(std::move(direction)) {}

  void assign(std::span<const float> values) override {
    Point::assign(values);
    for (std::size_t i = 0; i < values.size(); ++i) difference_[i] = values[i] - start_[i];
    from_start_->assign(difference_);
    direction_->assign(values);
  }
  const Point& from_start() const noexcept { return *from_start_; }
  const Point& direction() const noexcept { return *direction_; }

 private:
  std::span<const float> start_;
  std::vector<float> difference_;
  std::unique_ptr<Point> from_start_;
  std::unique_ptr<Point> direction_;
};

const LinearizedPoint& own(const Point& point) {
  assert(dynamic_cast<const LinearizedPoint*>(&point) != nullptr);  // made by this problem
  return static_cast<const LinearizedPoint&>(point);
}

class LinearizedPasses final : public Passes {
 public:
  LinearizedPasses(const Point& at_start, std::unique_ptr<Passes> inner, std::size_t size)
      : at_start_(at_start), inner_(std::move(inner)), z_(size) {}

  Outputs forward(const Point& w, const Examples& examples, Mode mode) override {
    Outputs outputs = inner_->forward(at_start_, examples, mode);
    const std::span<float> z = std::span(z_).first(outputs.values.size());
    std::ranges::copy(outputs.values, z.begin());
    const auto moved = inner_->tangent_forward(own(w).from_start());
    for (std::size_t i = 0; i < z.size(); ++i) z[i] += moved[i];
    outputs.values = z;
    return outputs;
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    inner_->backward(cotangent, out);
  }
  std::span<const float> tangent_forward(const Point& v) override {
    return inner_->tangent_forward(own(v).direction());
  }
  // The outputs are linear in w: only the cotangent moves.
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    inner_->backward(cotangent_tangent, out);
  }

 private:
  const Point& at_start_;
  std::unique_ptr<Passes> inner_;
  std::vector<float> z_;
};

}  // namespace

LinearizedProblem::LinearizedProblem(std::unique_ptr<const Problem> inner, Random random)
    : inner_(std::move(inner)), start_(dimension_of(*inner_)), at_start_(inner_->make_point()) {
  if (!inner_->buffers().empty()) {
    throw Error("linearize",
                "is not of networks with batch normalization, whose outputs depend on statistics "
                "beside the parameters; use norm: none or norm: group");
  }
  inner_->initialize(random, start_);
  at_start_->assign(start_);
}

std::unique_ptr<Point> LinearizedProblem::make_point() const {
  return std::make_unique<LinearizedPoint>(start_, inner_->make_point(), inner_->make_point());
}

std::unique_ptr<Passes> LinearizedProblem::make_passes(std::size_t capacity) const {
  return std::make_unique<LinearizedPasses>(*at_start_, inner_->make_passes(capacity),
                                            capacity * width());
}

PassFlops LinearizedProblem::flops() const noexcept {
  const PassFlops of = inner_->flops();
  return {of.forward + of.tangent_forward, of.backward, of.tangent_forward, of.backward};
}

}  // namespace gapbench::train
