#include "plugin/conformance/behaviour.h"

#include <fmt/format.h>

#include <cmath>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/regularizer_hooks.h"
#include "plugin/conformance/scenes.h"
#include "plugin/registry.h"

namespace gapbench::plugin::conformance {
namespace {

class Recorder final : public Metrics {
 public:
  void add(std::string_view name, double value, std::string_view unit) override {
    note(name);
    note(unit);
    note(value);
  }

  void note(std::string_view text) { behaviour.bytes += text; }
  void note(double value) {
    behaviour.bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void note(std::span<const float> values) {
    behaviour.bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  void require_finite(bool finite, std::string_view what) {
    if (!finite && behaviour.broken.empty()) behaviour.broken = what;
  }
  void note_draws(const Posterior& p, std::size_t dimension) {
    for (std::size_t k = 0; k < 2 && (p.size() == 0 || k < p.size()); ++k) {
      Vector w(dimension);
      p.draw(k, Random(21), w);
      note(w);
    }
    note(static_cast<double>(p.size()));
    note(static_cast<double>(p.prediction()));
    note(p.center());
    note(p.variances());
    if (const auto d = p.divergence()) note(d->nats), note(d->choice);
    note(p.log_evidence().value_or(0));
    note(p.noise_deviation().value_or(0));
    p.report(*this);
  }

  Behaviour behaviour;
};

void train(const Component& component, const OptionMap& change, Recorder& out) {
  const Scene scene = usual_scene(3);
  const auto optimizer = component.make_optimizer(
      example_options(component, change, scene.w.size()), scene.problem->tensors());
  Vector w = scene.w;
  constexpr std::uint64_t steps = 60;
  for (std::uint64_t k = 0; k < steps; ++k) {
    PlainStep step(*scene.problem, w, k);
    optimizer->step(step);
    if (k == 0 || k == 19) out.note(w);
    out.require_finite(all_finite(w), fmt::format("a parameter after step {}", k + 1));
  }
  out.note(w);
  out.note(optimizer->evaluated());
  const Posterior* posterior = optimizer->posterior();
  if (posterior != nullptr && posterior->is_ready()) out.note_draws(*posterior, w.size());
}

void penalize(const Component& component, const OptionMap& change, Recorder& out) {
  RegularizerHooks r(component, usual_scene(4), change);
  r.amid_training();
  for (const Hook hook : penalty_hooks(component)) {
    const auto [value, gradient] = r.ask(hook);
    out.note(value);
    out.note(gradient);
    out.require_finite(std::isfinite(value) && all_finite(gradient), "a value or gradient");
  }
  out.note(static_cast<double>(r.regularizer().micro_batch()));
  if ((component.hooks & hook_inputs) != 0) {
    const Shape shape{8, 10, 3};
    for (std::uint64_t example = 0; example < 32; ++example) {  // rare draws, too
      Vector input = normal_vector(shape.size(), Random(9));
      r.regularizer().change_input(shape, Random(8).at("example", example), input);
      out.note(input);
      out.require_finite(all_finite(input), "an input");
    }
  }
  if ((component.hooks & hook_mixing) != 0) {
    const Shape shape{8, 10, 3};
    const Vector other = normal_vector(shape.size(), Random(10));
    for (std::uint64_t example = 0; example < 32; ++example) {
      Vector input = normal_vector(shape.size(), Random(9));
      const double share =
          r.regularizer().mix_input(shape, Random(8).at("example", example), other, input);
      out.note(share);
      out.note(input);
      out.require_finite(std::isfinite(share) && all_finite(input), "a mixed input or its share");
    }
  }
  if ((component.hooks & hook_noise) == 0) return;
  for (const NoiseSite& site : {NoiseSite{"input", 64}, NoiseSite{"hidden1", 64}}) {
    Vector factors(site.size, 1);
    out.note(r.regularizer().disturbs(site) ? 1.0 : 0.0);
    r.regularizer().multiply_noise(site, Random(8), factors);
    out.note(factors);
    out.require_finite(all_finite(factors), "a noise factor");
  }
}

// What is asked of a sample counts, too: the small problems have no augmentation, say.
// Away from the start, as some numbers are distances from it.
struct Moment {
  Scene start = usual_scene(8);
  Vector w = shifted(start.w, 0.3, normal_vector(start.w.size(), Random(9)));
  PlainSnapshot snapshot{*start.problem, w, start.w};
};

void measure(const Component& component, const OptionMap& change, Recorder& out) {
  Moment moment;
  component.make_probe(example_options(component, change, moment.w.size()))
      ->measure(moment.snapshot, out);
  out.note(moment.snapshot.asked());
}

void fit(const Component& component, const OptionMap& change, Recorder& out) {
  Moment moment;
  const auto posterior = component.make_posterior(
      example_options(component, change, moment.w.size()), moment.start.problem->tensors());
  posterior->fit(moment.snapshot);
  out.note(moment.snapshot.asked());
  out.note_draws(*posterior, moment.w.size());
}

void pose(const Component& component, const OptionMap& change, Recorder& out) {
  const auto problem = component.make_problem(example_options(component, change), Random(1));
  const TensorInfo& last = problem->tensors().back();
  Vector w(last.offset + last.size);
  problem->initialize(Random(2), w);
  out.note(w);
  for (const Part part : {Part::train, Part::test}) {
    const std::size_t examples = problem->examples(part);
    out.note(static_cast<double>(examples));
    std::vector<std::uint32_t> indices(std::min<std::size_t>(examples, 16));
    for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
    PlainMicroBatch batch(*problem, w, indices, Random(3), Mode::training, part);
    Vector g(w.size());
    out.note(batch.gradient(problem->loss(), g));
    out.note(g);
  }
}

template <class T>
void note_all(const std::vector<T>& values, Recorder& out) {
  out.note(static_cast<double>(values.size()));
  out.behaviour.bytes.append(reinterpret_cast<const char*>(values.data()),
                             values.size() * sizeof(T));
}

void read(const Component& component, const OptionMap& change,
          const std::filesystem::path& data_root, Recorder& out) {
  const std::string name = component.about.name;
  const DataRecords r = load_data_set(name, component.load_data, component.has_targets,
                                      example_options(component, change), data_root / name);
  for (const std::size_t n : {r.shape.height, r.shape.width, r.shape.channels, r.classes}) {
    out.note(static_cast<double>(n));
  }
  for (const DataPart* part : {&r.train, &r.test}) {
    note_all(part->bytes, out);
    note_all(part->values, out);
    note_all(part->labels, out);
    note_all(part->targets, out);
  }
}

}  // namespace

Behaviour behaviour(const Component& component, const OptionMap& change,
                    const std::filesystem::path& data_root) {
  Recorder recorder;
  switch (component.kind) {
    case ComponentKind::optimizer:
      train(component, change, recorder);
      break;
    case ComponentKind::regularizer:
      penalize(component, change, recorder);
      break;
    case ComponentKind::probe:
      measure(component, change, recorder);
      break;
    case ComponentKind::problem:
      pose(component, change, recorder);
      break;
    case ComponentKind::posterior:
      fit(component, change, recorder);
      break;
    case ComponentKind::network:
      recorder.note(to_text(usual_layers(component, example_options(component, change))));
      break;
    case ComponentKind::data:
      read(component, change, data_root, recorder);
      break;
  }
  return std::move(recorder.behaviour);
}

}  // namespace gapbench::plugin::conformance
