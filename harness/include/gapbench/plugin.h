// What a plugin library exports. A plugin file includes this header only and ends in
// GAPBENCH_PLUGIN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "gapbench/build_info.h"
#include "gapbench/data_set.h"
#include "gapbench/error.h"
#include "gapbench/export.h"
#include "gapbench/layers.h"
#include "gapbench/numeric.h"
#include "gapbench/optimizer.h"
#include "gapbench/options.h"
#include "gapbench/posterior.h"
#include "gapbench/probe.h"
#include "gapbench/problem.h"
#include "gapbench/regularizer.h"

#ifdef __FAST_MATH__
#error "plugins must not use -ffast-math: on GCC 12 loading one flips FTZ/DAZ for the whole process"
#endif

#define GAPBENCH_STR_(x) #x
#define GAPBENCH_STR(x) GAPBENCH_STR_(x)
#ifdef __SANITIZE_ADDRESS__
#define GAPBENCH_SANITIZER "asan"
#elif defined(__SANITIZE_THREAD__)
#define GAPBENCH_SANITIZER "tsan"
#else
#define GAPBENCH_SANITIZER "none"
#endif
#ifdef _GLIBCXX_DEBUG
#define GAPBENCH_STL "debug"
#else
#define GAPBENCH_STL "plain"
#endif

/// Everything that must be equal for C++ objects to cross the library boundary. Expanded in the
/// including translation unit, so it describes that compile. Starts with a marker the loader finds
/// in the file without mapping it.
#define GAPBENCH_FINGERPRINT                                                                  \
  "gapbench-plugin: headers=" GAPBENCH_HEADER_HASH                                            \
  " gcc=" GAPBENCH_STR(__GNUC__) " std=" GAPBENCH_STR(__cplusplus) " cxx11abi=" GAPBENCH_STR( \
      _GLIBCXX_USE_CXX11_ABI) " stl=" GAPBENCH_STL " sanitizer=" GAPBENCH_SANITIZER

namespace gapbench {

enum class ComponentKind : std::uint8_t {
  optimizer,
  regularizer,
  probe,
  problem,
  posterior,
  network,
  data
};

/// What the author says of a component.
struct About {
  const char* name;     ///< lower_snake_case, unique within its kind
  const char* summary;  ///< one line, ends with the source: "momentum SGD; Polyak 1964"
  const char* example;  ///< "learning_rate=0.1 momentum=0.9": smallest setting that constructs it
  std::uint32_t revision = 1;  ///< raise it when results change: it is part of a trial's identity
};

/// One thing a library offers, as constant data. Exactly one factory is set.
struct Component {
  About about{};
  ComponentKind kind{};
  const OptionSpec* options = nullptr;
  std::size_t option_count = 0;
  std::uint32_t hooks = 0;       ///< RegularizerHook bits, 0 for the other kinds
  bool keeps_posterior = false;  ///< an optimizer that overrides posterior()
  std::unique_ptr<Optimizer> (*make_optimizer)(const Options&,
                                               std::span<const TensorInfo>) = nullptr;
  std::unique_ptr<Regularizer> (*make_regularizer)(const Options&) = nullptr;
  std::unique_ptr<Probe> (*make_probe)(const Options&) = nullptr;
  std::unique_ptr<Problem> (*make_problem)(const Options&, Random) = nullptr;
  std::unique_ptr<Posterior> (*make_posterior)(const Options&,
                                               std::span<const TensorInfo>) = nullptr;
  NetworkBuilder* build_network = nullptr;
  DataLoader* load_data = nullptr;
  bool has_targets = false;  ///< a data set of a regression
};

/// What the library exports: no plugin function runs before the host has compared fingerprints.
/// The _v1 in the symbol's name is the version of this struct.
struct PluginDescriptor {
  const char* fingerprint;  // first, for ever
  const Component* components;
  std::size_t component_count;
};

namespace hook {

/// Whether a member function of T, given as its pointer, is not the base's own.
/// An inherited member has the base class in its pointer type, another one has T.
template <class Own, class Base>
inline constexpr bool is_own = !std::is_same_v<Own, Base>;

/// Whether such a member overrides the base's and does not only hide it: the same parameters,
/// result and `const`.
template <class Own, class Base>
struct Overrides;
template <class F, class T, class G, class B>
struct Overrides<F T::*, G B::*> : std::is_convertible<F B::*, G B::*> {};

}  // namespace hook

/// Whether T has a member function of its own of the name of Base's virtual `f`. A function of
/// another signature, or an overloaded one, would never be called: it does not compile.
#define GAPBENCH_OVERRIDES_(T, Base, f)                                                       \
  ([] {                                                                                       \
    static_assert(                                                                            \
        requires { &T::f; }, #f ": several functions of this name; the interface calls one"); \
    static_assert(hook::Overrides<decltype(&T::f), decltype(&Base::f)>::value, #f             \
                  ": hides the interface's function in place of overriding it, so nothing "   \
                  "would call it; give it the same signature, `const` included, and write "   \
                  "`override`");                                                              \
    return hook::is_own<decltype(&T::f), decltype(&Base::f)>;                                 \
  }())

/// A component's options: an array of them, or nothing, also as `constexpr OptionSpec options[] =
/// {}`, which is no array in standard C++ and holds nothing in GCC's.
struct OptionList : std::span<const OptionSpec> {
  consteval OptionList() = default;
  template <class List>
  consteval OptionList(const List& list) : span(of(list)) {}  // NOLINT: implicit, stands for it

 private:
  template <class List>
  static consteval std::span<const OptionSpec> of(const List& list) {
    if constexpr (sizeof(List) == 0)
      return {};
    else
      return list;
  }
};

template <class T>
consteval Component optimizer(About about, OptionList options = {}) {
  (void)GAPBENCH_OVERRIDES_(T, Optimizer, evaluated);
  Component c{about, ComponentKind::optimizer, options.data(), options.size()};
  c.keeps_posterior = GAPBENCH_OVERRIDES_(T, Optimizer, posterior);
  c.make_optimizer = [](const Options& o, std::span<const TensorInfo> tensors) {
    return std::unique_ptr<Optimizer>(std::make_unique<T>(o, tensors));
  };
  return c;
}

template <class T>
consteval Component regularizer(About about, OptionList options = {}) {
  (void)GAPBENCH_OVERRIDES_(T, Regularizer, micro_batch);
  (void)GAPBENCH_OVERRIDES_(T, Regularizer, disturbs);
  Component c{about, ComponentKind::regularizer, options.data(), options.size()};
  c.hooks = (GAPBENCH_OVERRIDES_(T, Regularizer, penalize_micro_batch) ? hook_micro_batch : 0U) |
            (GAPBENCH_OVERRIDES_(T, Regularizer, penalize_parameters) ? hook_parameters : 0U) |
            (GAPBENCH_OVERRIDES_(T, Regularizer, penalize_mini_batch) ? hook_mini_batch : 0U) |
            (GAPBENCH_OVERRIDES_(T, Regularizer, multiply_noise) ? hook_noise : 0U) |
            (GAPBENCH_OVERRIDES_(T, Regularizer, change_input) ? hook_inputs : 0U) |
            (GAPBENCH_OVERRIDES_(T, Regularizer, mix_input) ? hook_mixing : 0U) |
            (GAPBENCH_OVERRIDES_(T, Regularizer, replace_loss) ? hook_loss : 0U);
  static_assert(GAPBENCH_OVERRIDES_(T, Regularizer, penalize_micro_batch) ||
                    GAPBENCH_OVERRIDES_(T, Regularizer, penalize_parameters) ||
                    GAPBENCH_OVERRIDES_(T, Regularizer, penalize_mini_batch) ||
                    GAPBENCH_OVERRIDES_(T, Regularizer, multiply_noise) ||
                    GAPBENCH_OVERRIDES_(T, Regularizer, change_input) ||
                    GAPBENCH_OVERRIDES_(T, Regularizer, mix_input) ||
                    GAPBENCH_OVERRIDES_(T, Regularizer, replace_loss),
                "a regularizer must override at least one of the penalize hooks, multiply_noise, "
                "change_input, mix_input and replace_loss");
  c.make_regularizer = [](const Options& o) {
    return std::unique_ptr<Regularizer>(std::make_unique<T>(o));
  };
  return c;
}

template <class T>
consteval Component probe(About about, OptionList options = {}) {
  Component c{about, ComponentKind::probe, options.data(), options.size()};
  c.make_probe = [](const Options& o) { return std::unique_ptr<Probe>(std::make_unique<T>(o)); };
  return c;
}

template <class T>
consteval Component problem(About about, OptionList options = {}) {
  (void)GAPBENCH_OVERRIDES_(T, Problem, make_point);
  (void)GAPBENCH_OVERRIDES_(T, Problem, buffers);
  (void)GAPBENCH_OVERRIDES_(T, Problem, noise_sites);
  (void)GAPBENCH_OVERRIDES_(T, Problem, couples_examples);
  (void)GAPBENCH_OVERRIDES_(T, Problem, has_example_norms);
  (void)GAPBENCH_OVERRIDES_(T, Problem, kronecker_layers);
  (void)GAPBENCH_OVERRIDES_(T, Problem, has_example_squares);
  (void)GAPBENCH_OVERRIDES_(T, Problem, has_factor_derivatives);
  (void)GAPBENCH_OVERRIDES_(T, Problem, takes_variances);
  (void)GAPBENCH_OVERRIDES_(T, Problem, takes_ones);
  (void)GAPBENCH_OVERRIDES_(T, Problem, target_scales);
  (void)GAPBENCH_OVERRIDES_(T, Problem, shifts);
  Component c{about, ComponentKind::problem, options.data(), options.size()};
  c.make_problem = [](const Options& o, Random random) {
    return std::unique_ptr<Problem>(std::make_unique<T>(o, random));
  };
  return c;
}

template <class T>
consteval Component posterior(About about, OptionList options = {}) {
  (void)GAPBENCH_OVERRIDES_(T, Posterior, fit);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, size);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, is_ready);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, prediction);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, center);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, variances);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, divergence);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, log_evidence);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, noise_deviation);
  (void)GAPBENCH_OVERRIDES_(T, Posterior, report);
  Component c{about, ComponentKind::posterior, options.data(), options.size()};
  c.make_posterior = [](const Options& o, std::span<const TensorInfo> tensors) {
    return std::unique_ptr<Posterior>(std::make_unique<T>(o, tensors));
  };
  return c;
}

/// gapbench::network<build>({...}, options), build a function of the type NetworkBuilder.
template <NetworkBuilder* build>
consteval Component network(About about, OptionList options = {}) {
  Component c{about, ComponentKind::network, options.data(), options.size()};
  c.build_network = build;
  return c;
}

/// gapbench::data_set<load>({...}, options), load a function of the type DataLoader: of classes.
template <DataLoader* load>
consteval Component data_set(About about, OptionList options = {}) {
  Component c{about, ComponentKind::data, options.data(), options.size()};
  c.load_data = load;
  return c;
}

/// The same of a regression.
template <DataLoader* load>
consteval Component regression_set(About about, OptionList options = {}) {
  Component c = data_set<load>(about, options);
  c.has_targets = true;
  return c;
}

}  // namespace gapbench

extern "C" {
extern GAPBENCH_API const ::gapbench::PluginDescriptor gapbench_plugin_v1;
}

/// Last line of a plugin: GAPBENCH_PLUGIN(gapbench::optimizer<Sgd>({...}, options));
#define GAPBENCH_PLUGIN(...)                                                    \
  static constexpr ::gapbench::Component gapbench_components[] = {__VA_ARGS__}; \
  constinit const ::gapbench::PluginDescriptor gapbench_plugin_v1 = {           \
      GAPBENCH_FINGERPRINT, gapbench_components,                                \
      sizeof gapbench_components / sizeof *gapbench_components}
