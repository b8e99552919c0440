#include "train/group.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/lengths.h"
#include "gapbench/error.h"
#include "gapbench/numeric.h"

namespace gapbench::train {
namespace {

// Part k of `indices`, cut into parts of `size`.
std::span<const std::uint32_t> cut(std::span<const std::uint32_t> indices, std::size_t k,
                                   std::size_t size) {
  return indices.subspan(k * size, std::min(size, indices.size() - k * size));
}

std::size_t parts_of(std::size_t examples, std::size_t size) {
  return (examples + size - 1) / size;
}

double total(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum;
}

}  // namespace

GroupMicroBatch::GroupMicroBatch(const MiniBatchContext& context,
                                 std::span<const std::uint32_t> indices, Place place)
    : c_(context),
      indices_(indices),
      place_(place),
      random_(context.random.at("group", place.index)),
      parts_(parts_of(indices.size(), context.micro_batch)) {}

double GroupMicroBatch::weight(std::size_t k) const {
  return static_cast<double>(cut(indices_, k, c_.micro_batch).size()) /
         static_cast<double>(indices_.size());
}

void GroupMicroBatch::ask(const Point& point, Slot& slot, std::size_t k, std::span<float> out,
                          Question f) const {
  const std::size_t first = k * c_.micro_batch;
  Examples examples = c_.examples;
  examples.indices = cut(indices_, k, c_.micro_batch);
  OracleMicroBatch part(slot, c_.problem, point, examples, Mode::training, random_.at("part", k),
                        {.step_random = c_.random,
                         .first = first,
                         .loss = c_.loss,
                         .has_variances = c_.has_variances});
  f(part, first, out);
}

void GroupMicroBatch::for_each(Question f) const {
  c_.team.for_each(parts_, [&](Slot& slot, std::size_t k) { ask(c_.point, slot, k, {}, f); });
}

void GroupMicroBatch::sum(const Point& point, bool weighted, Question f,
                          std::span<float> out) const {
  c_.team.sum(
      parts_, [&](std::size_t k) { return weighted ? weight(k) : 1; },
      [&](Slot& slot, std::size_t k, std::span<float> term) { ask(point, slot, k, term, f); }, out);
}

Outputs GroupMicroBatch::outputs() {
  if (has_outputs_) return outputs_;
  GroupMemory& m = c_.memory;
  const std::size_t width = c_.problem.width();
  m.outputs.resize(size() * width);
  m.labels.resize(size());
  m.targets.resize(size() * width);
  m.partner_labels.resize(size());
  m.shares.resize(size());
  bool has_labels = false;
  bool has_targets = false;
  bool is_mixed = false;
  for_each([&](MicroBatch& part, std::size_t first, std::span<float>) {
    const Outputs z = part.outputs();
    std::ranges::copy(z.values, std::span(m.outputs).subspan(first * width).begin());
    std::ranges::copy(z.labels, std::span(m.labels).subspan(first).begin());
    std::ranges::copy(z.targets, std::span(m.targets).subspan(first * width).begin());
    std::ranges::copy(z.partner_labels, std::span(m.partner_labels).subspan(first).begin());
    std::ranges::copy(z.shares, std::span(m.shares).subspan(first).begin());
    if (first > 0) return;  // one part speaks for all
    is_mixed = !z.shares.empty();
    has_labels = !z.labels.empty();
    has_targets = !z.targets.empty();
  });
  outputs_ = {size(), width, m.outputs, {}, {}};
  if (has_labels) outputs_.labels = m.labels;
  if (has_targets) outputs_.targets = m.targets;
  if (is_mixed) outputs_.partner_labels = m.partner_labels;
  if (is_mixed) outputs_.shares = m.shares;
  has_outputs_ = true;
  return outputs_;
}

double GroupMicroBatch::gradient_on(const Point& point, const Head& head, std::span<float> out) {
  std::vector<double>& values = c_.memory.values;
  values.assign(parts_, 0);
  sum(
      point, true,
      [&](MicroBatch& part, std::size_t first, std::span<float> term) {
        const std::size_t k = first / c_.micro_batch;
        values[k] = weight(k) * part.gradient(head, term);
      },
      out);
  return total(values);
}

double GroupMicroBatch::gradient(const Head& head, std::span<float> out) {
  require_length("gradient", "out", out.size(), dimension());
  return gradient_on(c_.point, head, out);
}

double GroupMicroBatch::gradient_at(std::span<const float> w, const Head& head,
                                    std::span<float> out) {
  require_length("gradient_at", "w", w.size(), dimension());
  require_length("gradient_at", "out", out.size(), dimension());
  if (c_.memory.elsewhere == nullptr) c_.memory.elsewhere = c_.problem.make_point();
  c_.memory.elsewhere->assign(w);
  return gradient_on(*c_.memory.elsewhere, head, out);
}

void GroupMicroBatch::hessian_vector(const Head& head, std::span<const float> v,
                                     std::span<float> out) {
  require_length("hessian_vector", "out", out.size(), dimension());
  sum(
      c_.point, true,
      [&](MicroBatch& part, std::size_t, std::span<float> term) {
        part.hessian_vector(head, v, term);
      },
      out);
}

void GroupMicroBatch::gauss_newton_vector(const Head& head, std::span<const float> v,
                                          std::span<float> out) {
  require_length("gauss_newton_vector", "out", out.size(), dimension());
  sum(
      c_.point, true,
      [&](MicroBatch& part, std::size_t, std::span<float> term) {
        part.gauss_newton_vector(head, v, term);
      },
      out);
}

void GroupMicroBatch::example_gradient_norms(const Head& head, std::span<double> out) {
  require_length("example_gradient_norms", "out", out.size(), size());
  for_each([&](MicroBatch& part, std::size_t first, std::span<float>) {
    part.example_gradient_norms(head, out.subspan(first, part.size()));
  });
}

void GroupMicroBatch::example_gradient_squares(const Head& head, std::span<float> out) {
  require_length("example_gradient_squares", "out", out.size(), dimension());
  sum(
      c_.point, true,
      [&](MicroBatch& part, std::size_t, std::span<float> term) {
        part.example_gradient_squares(head, term);
      },
      out);
}

std::size_t GroupMicroBatch::noise_entries() const noexcept {
  std::size_t entries = 0;
  for (const NoiseSite& site : noise_sites()) entries += site.size;
  return entries;
}

void GroupMicroBatch::noise_gradient(const Head& head, std::span<float> out) {
  const std::size_t entries = noise_entries();
  require_length("noise_gradient", "out", out.size(), size() * entries);
  for_each([&](MicroBatch& part, std::size_t first, std::span<float>) {
    part.noise_gradient(head, out.subspan(first * entries, part.size() * entries));
  });
}

void GroupMicroBatch::noise_hessian_vector(const Head& head, std::span<const float> u,
                                           std::span<float> out) {
  const std::size_t entries = noise_entries();
  require_length("noise_hessian_vector", "u", u.size(), size() * entries);
  require_length("noise_hessian_vector", "out", out.size(), dimension());
  sum(
      c_.point, true,
      [&](MicroBatch& part, std::size_t first, std::span<float> term) {
        part.noise_hessian_vector(head, u.subspan(first * entries, part.size() * entries), term);
      },
      out);
}

void GroupMicroBatch::variance_gradient(std::span<float>) {
  throw Error("variance_gradient",
              "cannot be asked of micro-batches larger than the trial's: "
              "they keep nothing of the last gradient()");
}

// One part after another: factors may be larger than all parameters together.
void GroupMicroBatch::kronecker_factors(const Head& head, std::size_t layer, std::span<float> a,
                                        std::span<float> g) {
  if (layer >= kronecker_layers().size()) {
    throw Error("kronecker_factors", fmt::format("layer {} asked; the problem has {}", layer,
                                                 kronecker_layers().size()));
  }
  GroupMemory& m = c_.memory;
  m.inputs.resize(a.size());
  m.cotangents.resize(g.size());
  std::ranges::fill(a, 0.0F);
  std::ranges::fill(g, 0.0F);
  const auto factors = [&](MicroBatch& part, std::size_t, std::span<float>) {
    part.kronecker_factors(head, layer, m.inputs, m.cotangents);
  };
  for (std::size_t k = 0; k < parts_; ++k) {
    c_.team.for_each(1, [&](Slot& slot, std::size_t) { ask(c_.point, slot, k, {}, factors); });
    add_scaled(weight(k), m.inputs, a);
    add_scaled(weight(k), m.cotangents, g);
  }
}

std::span<const std::int32_t> GroupMicroBatch::sampled_labels(std::string_view purpose) {
  c_.memory.sampled.resize(size());
  sample_labels(outputs(), random(purpose), c_.memory.sampled);
  return c_.memory.sampled;
}

void GroupMicroBatch::jacobian_vector(std::span<const float> v, std::span<float> out) {
  const std::size_t width = c_.problem.width();
  require_length("jacobian_vector", "out", out.size(), size() * width);
  for_each([&](MicroBatch& part, std::size_t first, std::span<float>) {
    part.jacobian_vector(v, out.subspan(first * width, part.size() * width));
  });
}

void GroupMicroBatch::vector_jacobian(std::span<const float> u, std::span<float> out) {
  const std::size_t width = c_.problem.width();
  require_length("vector_jacobian", "u", u.size(), size() * width);
  require_length("vector_jacobian", "out", out.size(), dimension());
  sum(
      c_.point, false,
      [&](MicroBatch& part, std::size_t first, std::span<float> term) {
        part.vector_jacobian(u.subspan(first * width, part.size() * width), term);
      },
      out);
}

std::span<float> GroupMicroBatch::scratch(std::size_t which) {
  auto& buffer = c_.memory.scratch.at(which);
  buffer.resize(dimension());
  return buffer;
}

std::span<const std::uint32_t> OracleMiniBatch::part(std::size_t k, std::size_t examples) const {
  return cut(c_.examples.indices, k, examples);
}

double OracleMiniBatch::weight(std::size_t k, std::size_t examples) const {
  return static_cast<double>(part(k, examples).size()) / static_cast<double>(size());
}

// Cut within the trial's micro-batches, which stay together for normalization.
bool OracleMiniBatch::is_window(std::size_t examples) const {
  return examples < c_.micro_batch && examples < size() && c_.problem.couples_examples();
}

void OracleMiniBatch::require_possible(std::size_t examples) const {
  if (examples == 0) throw Error("micro_batch", "0 asked of the mini-batch; must be at least 1");
  const bool fits =
      examples >= size() || examples % c_.micro_batch == 0 || c_.micro_batch % examples == 0;
  if (fits || !c_.problem.couples_examples()) return;
  throw Error("micro_batch",
              fmt::format("{} asked by a regularizer; where batch normalization couples the "
                          "examples it must divide the trial's micro-batch, {}, or be a multiple "
                          "of it, or at least the batch, {}",
                          examples, c_.micro_batch, size()));
}

double OracleMiniBatch::mean_over(std::size_t examples, const MicroBatchPenalty& f,
                                  std::span<float> gradient) {
  require_length_or_none("mean_over", "gradient", gradient.size(), dimension());
  require_possible(examples);
  examples = std::min(examples, size());
  if (!gradient.empty()) c_.memory.sum.resize(dimension());
  return examples <= c_.micro_batch ? side_by_side(examples, f, gradient)
                                    : one_by_one(examples, f, gradient);
}

double OracleMiniBatch::one_by_one(std::size_t examples, const MicroBatchPenalty& f,
                                   std::span<float> gradient) {
  const std::size_t count = parts_of(size(), examples);
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    GroupMicroBatch group(c_, part(k, examples), {k, count, c_.schedule});
    const auto term = gradient.empty() ? gradient : std::span<float>(c_.memory.sum);
    std::ranges::fill(term, 0.0F);
    sum += weight(k, examples) * f(group, term);
    if (!gradient.empty()) add_scaled(weight(k, examples), term, gradient);
  }
  return sum;
}

// Part k of those that fit into a micro-batch of the trial's.
void OracleMiniBatch::visit(Slot& slot, std::size_t size_of_part, std::size_t k,
                            std::span<float> term, Writer f) {
  Examples examples = c_.examples;
  OracleMicroBatch::Window window;
  if (is_window(size_of_part)) {
    const std::size_t first = k * size_of_part;
    examples.indices = part(first / c_.micro_batch, c_.micro_batch);
    window = {first % c_.micro_batch, part(k, size_of_part).size()};
  } else {
    examples.indices = part(k, size_of_part);
  }
  OracleMicroBatch micro_batch(slot, c_.problem, c_.point, examples, Mode::training,
                               c_.random.at("group", k),
                               {.step_random = c_.random,
                                .place = {k, parts_of(size(), size_of_part), c_.schedule},
                                .window = window,
                                .loss = c_.loss,
                                .has_variances = c_.has_variances});
  f(micro_batch, k, term);
}

double OracleMiniBatch::side_by_side(std::size_t size_of_part, const MicroBatchPenalty& f,
                                     std::span<float> gradient) {
  const std::size_t count = parts_of(size(), size_of_part);
  c_.memory.values.assign(count, 0);
  const auto penalize = [&](MicroBatch& micro_batch, std::size_t k, std::span<float> term) {
    std::ranges::fill(term, 0.0F);
    c_.memory.values[k] = weight(k, size_of_part) * f(micro_batch, term);
  };
  const auto ask = [&](Slot& slot, std::size_t k, std::span<float> term) {
    visit(slot, size_of_part, k, term, penalize);
  };
  if (gradient.empty()) {
    c_.team.for_each(count, [&](Slot& slot, std::size_t k) { ask(slot, k, {}); });
    return total(c_.memory.values);
  }
  c_.team.sum(
      count, [&](std::size_t k) { return weight(k, size_of_part); }, ask, c_.memory.sum);
  add_scaled(1, c_.memory.sum, gradient);
  return total(c_.memory.values);
}

void OracleMiniBatch::mean_of(std::size_t examples, Writer f, std::span<float> out) {
  require_possible(examples);
  examples = std::min(examples, size());
  const std::size_t count = parts_of(size(), examples);
  if (examples <= c_.micro_batch) {
    c_.team.sum(
        count, [&](std::size_t k) { return weight(k, examples); },
        [&](Slot& slot, std::size_t k, std::span<float> term) {
          visit(slot, examples, k, term, f);
        },
        out);
    return;
  }
  std::ranges::fill(out, 0.0F);
  c_.memory.sum.resize(out.size());
  for (std::size_t k = 0; k < count; ++k) {
    GroupMicroBatch group(c_, part(k, examples), {k, count, c_.schedule});
    f(group, k, c_.memory.sum);
    add_scaled(weight(k, examples), c_.memory.sum, out);
  }
}

}  // namespace gapbench::train
