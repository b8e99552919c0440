#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "plugin/conformance/guarded.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/posterior_checks.h"
#include "plugin/conformance/reference.h"
#include "plugin/validate.h"

namespace gapbench::plugin::conformance {
namespace {

const Random key(21);

Vector drawn(const Posterior& posterior, std::size_t dimension, std::size_t k, Random random) {
  Guarded w(Vector(dimension, std::nanf("")));
  posterior.draw(k, random, w.values());
  w.require_marks("the draw");
  return {w.values().begin(), w.values().end()};
}

// A chain has as many as it has.
std::size_t draws_of(const Posterior& posterior, std::size_t wanted) {
  return posterior.size() > 0 ? std::min(posterior.size(), wanted) : wanted;
}

Finding finite(const Posterior& p, std::size_t dimension) {
  for (std::size_t k = 0; k < draws_of(p, 3); ++k) {
    if (!all_finite(drawn(p, dimension, k, key))) {
      return fmt::format("draw {} is not finite, or not all of it was written", k);
    }
  }
  return std::nullopt;
}

Finding repeats(const Posterior& p, std::size_t dimension) {
  const Vector first = drawn(p, dimension, 0, key);
  if (draws_of(p, 2) > 1) drawn(p, dimension, 1, key);
  drawn(p, dimension, 0, Random(22));
  if (drawn(p, dimension, 0, key) == first) return std::nullopt;
  return "draw 0 asked twice with one key gives two vectors";
}

Finding differ(const Posterior& p, std::size_t dimension) {
  if (draws_of(p, 2) < 2 || p.prediction() == Posterior::Prediction::noisy) return std::nullopt;
  if (drawn(p, dimension, 0, key) != drawn(p, dimension, 1, key)) return std::nullopt;
  return "draws 0 and 1 are the same vector";
}

Finding ends(const Posterior& p, std::size_t dimension) {
  if (p.size() == 0) return std::nullopt;
  try {
    drawn(p, dimension, p.size(), key);
  } catch (const Error&) {
    return std::nullopt;
  }
  return fmt::format("has {} draws, but gives draw {}", p.size(), p.size());
}

Finding describes_itself(const Posterior& p, std::size_t dimension) {
  const auto has_length = [&](std::span<const float> x) {
    return x.empty() || x.size() == dimension;
  };
  if (!has_length(p.center())) return "its center is not as long as the parameters";
  if (!has_length(p.variances())) return "its variances are not as many as the parameters";
  for (const float v : p.variances()) {
    if (!(v >= 0) || !std::isfinite(v)) return fmt::format("a variance is {}", v);
  }
  if (p.prediction() == Posterior::Prediction::local && p.variances().empty()) {
    return "predicts locally but has no variances";
  }
  if (const auto d = p.divergence()) {
    if (!(d->nats >= 0) || !(d->choice >= 0) || !std::isfinite(d->nats + d->choice)) {
      return fmt::format("its divergence is {} nats and {} for the choice", d->nats, d->choice);
    }
  }
  if (const auto e = p.log_evidence(); e && !std::isfinite(*e)) return "its evidence is not finite";
  if (const auto r = p.noise_deviation(); r && !(*r > 0)) {
    return fmt::format("its noise deviation is {}", *r);
  }
  return std::nullopt;
}

class Names final : public Metrics {
 public:
  void add(std::string_view name, double, std::string_view) override {
    if (!is_lower_snake_case(name)) wrong = "\"" + std::string(name) + "\" is not lower_snake_case";
    if (!names.insert(std::string(name)).second) wrong = std::string(name) + " is reported twice";
  }
  std::set<std::string> names;
  Finding wrong;
};

Finding reports(const Posterior& p) {
  Names names;
  p.report(names);
  return names.wrong;
}

// The mean of (w - center)^2 / variance over draws and parameters has mean 1 and, of n numbers, a
// deviation of sqrt(2 / n).
Finding variances_fit_draws(const Posterior& p, std::size_t dimension) {
  if (p.variances().empty() || p.center().empty() || p.size() > 0) return std::nullopt;
  constexpr std::size_t draws = 400;
  double sum = 0;
  double count = 0;
  for (std::size_t k = 0; k < draws; ++k) {
    const Vector w = drawn(p, dimension, k, key);
    for (std::size_t i = 0; i < dimension; ++i) {
      const double variance = p.variances()[i];
      const double moved = double{w[i]} - p.center()[i];
      if (variance == 0 && moved != 0) return "a parameter without variance moves";
      if (variance == 0) continue;
      sum += moved * moved / variance;
      count += 1;
    }
  }
  const double ratio = count > 0 ? sum / count : 1;
  if (std::abs(ratio - 1) <= 5 * std::sqrt(2 / std::max(count, 1.0))) return std::nullopt;
  return fmt::format("draws vary {:.3f} times as much as variances() says", ratio);
}

class FittedChecks {
 public:
  explicit FittedChecks(const Component& component)
      : component_(component), options_(example_options(component)) {
    const TensorInfo& last = problem_.tensors().back();
    start_.resize(last.offset + last.size);
    problem_.initialize(Random(8), start_);
    w_ = shifted(start_, 0.3, normal_vector(start_.size(), Random(9)));
  }

  std::unique_ptr<Posterior> fitted() const {
    auto posterior = component_.make_posterior(options_, problem_.tensors());
    fit(*posterior, w_);
    return posterior;
  }

  Finding fit_changes_nothing() const {
    const Vector before[] = {w_, start_};
    fitted();
    if (w_ == before[0] && start_ == before[1]) return std::nullopt;
    return "fitting writes to the parameters";
  }

  Finding fit_repeats() const {
    const auto posterior = fitted();
    const Vector first = drawn(*posterior, w_.size(), 0, key);
    if (drawn(*fitted(), w_.size(), 0, key) != first) return "a second instance draws otherwise";
    auto fresh = component_.make_posterior(options_, problem_.tensors());
    fit(*fresh, start_);
    fit(*posterior, start_);
    const Vector there = drawn(*fresh, w_.size(), 0, key);
    if (drawn(*posterior, w_.size(), 0, key) == there) return std::nullopt;
    return "fitted a second time, elsewhere, it draws otherwise than one fitted there at once: "
           "something of an earlier fit is left";
  }

  std::size_t dimension() const { return w_.size(); }

 private:
  void fit(Posterior& posterior, const Vector& w) const {
    PlainSnapshot snapshot(problem_, w, start_);
    posterior.fit(snapshot);
  }

  const Component& component_;
  Options options_;
  Reference problem_;
  Vector start_;
  Vector w_;
};

}  // namespace

void check_draws(const MakePosterior& make, std::size_t dimension, const std::string& place,
                 Checks& checks) {
  using Check = Finding (*)(const Posterior&, std::size_t);
  const auto run = [&](const char* name, Check check) {
    checks.run(place + name, [&make, dimension, check] { return check(*make(), dimension); });
  };
  run("describes itself within its bounds", describes_itself);
  run("reports unique snake_case names",
      [](const Posterior& p, std::size_t) { return reports(p); });
  if (!checks.ask([&] { return make()->is_ready(); })) return;
  run("draws are finite and whole", finite);
  run("a draw repeats for its number and key", repeats);
  run("draws differ", differ);
  run("draws end where it says", ends);
  run("draws vary as its variances say", variances_fit_draws);
}

void check_posterior(const Component& component, Checks& checks) {
  checks.run("fits without writing the parameters",
             [&] { return FittedChecks(component).fit_changes_nothing(); });
  checks.run("two fits at one point draw the same",
             [&] { return FittedChecks(component).fit_repeats(); });
  const MakePosterior fitted = [&component] {
    struct Whole {  // a posterior may refer to the problem's tensors
      explicit Whole(const Component& c) : checks(c), posterior(checks.fitted()) {}
      FittedChecks checks;
      std::unique_ptr<Posterior> posterior;
    };
    const auto whole = std::make_shared<Whole>(component);
    return std::shared_ptr<const Posterior>(whole, whole->posterior.get());
  };
  const bool fits = checks.run("fits", [&]() -> Finding {
    fitted();
    return std::nullopt;
  });
  if (fits) check_draws(fitted, FittedChecks(component).dimension(), "", checks);
}

}  // namespace gapbench::plugin::conformance
