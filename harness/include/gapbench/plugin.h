// What a plugin library exports. A plugin file includes this header only and ends in
// GAPBENCH_PLUGIN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "gapbench/build_info.h"
#include "gapbench/error.h"
#include "gapbench/export.h"
#include "gapbench/optimizer.h"
#include "gapbench/options.h"
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

enum class ComponentKind : std::uint8_t { optimizer, regularizer, probe, problem };

/// What the author says of a component.
struct About {
  const char* name;     ///< lower_snake_case, unique within its kind
  const char* summary;  ///< one line, ends with the source: "momentum SGD; Polyak 1964"
  const char* example;  ///< "learning_rate=0.1 momentum=0.9": smallest setting that constructs it
  std::uint32_t revision = 1;  ///< raise it when results change: it is part of a trial's identity
};

/// One thing a library offers, as constant data. Exactly one factory is set.
struct Component {
  About about;
  ComponentKind kind;
  const OptionSpec* options;
  std::size_t option_count;
  std::uint32_t hooks;  ///< RegularizerHook bits, 0 for the other kinds
  std::unique_ptr<Optimizer> (*make_optimizer)(const Options&, std::span<const TensorInfo>);
  std::unique_ptr<Regularizer> (*make_regularizer)(const Options&);
  std::unique_ptr<Probe> (*make_probe)(const Options&);
  std::unique_ptr<Problem> (*make_problem)(const Options&, Random);
};

/// What the library exports: no plugin function runs before the host has compared fingerprints.
/// The _v1 in the symbol's name is the version of this struct.
struct PluginDescriptor {
  const char* fingerprint;  // first, for ever
  const Component* components;
  std::size_t component_count;
};

template <class T>
consteval Component optimizer(About about, std::span<const OptionSpec> options) {
  return {about,
          ComponentKind::optimizer,
          options.data(),
          options.size(),
          0,
          [](const Options& o, std::span<const TensorInfo> tensors) -> std::unique_ptr<Optimizer> {
            return std::make_unique<T>(o, tensors);
          },
          nullptr,
          nullptr,
          nullptr};
}

template <class T>
consteval Component regularizer(About about, std::span<const OptionSpec> options) {
  // An inherited member has the base class in its pointer type; an overriding one has T.
  constexpr bool micro = !std::is_same_v<decltype(&T::penalize_micro_batch),
                                         decltype(&Regularizer::penalize_micro_batch)>;
  constexpr bool parameters = !std::is_same_v<decltype(&T::penalize_parameters),
                                              decltype(&Regularizer::penalize_parameters)>;
  constexpr bool mini = !std::is_same_v<decltype(&T::penalize_mini_batch),
                                        decltype(&Regularizer::penalize_mini_batch)>;
  constexpr bool noise =
      !std::is_same_v<decltype(&T::multiply_noise), decltype(&Regularizer::multiply_noise)>;
  static_assert(micro || parameters || mini || noise,
                "a regularizer must override at least one penalize hook or multiply_noise");
  return {about,
          ComponentKind::regularizer,
          options.data(),
          options.size(),
          (micro ? hook_micro_batch : 0U) | (parameters ? hook_parameters : 0U) |
              (mini ? hook_mini_batch : 0U) | (noise ? hook_noise : 0U),
          nullptr,
          [](const Options& o) -> std::unique_ptr<Regularizer> { return std::make_unique<T>(o); },
          nullptr,
          nullptr};
}

template <class T>
consteval Component probe(About about, std::span<const OptionSpec> options) {
  return {about,
          ComponentKind::probe,
          options.data(),
          options.size(),
          0,
          nullptr,
          nullptr,
          [](const Options& o) -> std::unique_ptr<Probe> { return std::make_unique<T>(o); },
          nullptr};
}

template <class T>
consteval Component problem(About about, std::span<const OptionSpec> options) {
  return {about,
          ComponentKind::problem,
          options.data(),
          options.size(),
          0,
          nullptr,
          nullptr,
          nullptr,
          [](const Options& o, Random random) -> std::unique_ptr<Problem> {
            return std::make_unique<T>(o, random);
          }};
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
