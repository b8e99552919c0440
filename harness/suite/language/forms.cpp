#include "suite/language/forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gapbench::suite {
namespace {

struct Form {
  std::string_view what;
  std::string_view text;
};

// By the last word of a path.
constexpr Form forms[] = {
    {"budget", "{epochs: 6}"},
    {"warmup", "{epochs: 6}"},
    {"every", "{epochs: 1}"},
    {"evaluate_every", "{epochs: 1}"},
    {"seeds", "{first: 1, count: 5}"},
    {"schedule", "{kind: cosine}"},
    {"optimizer", "{name: sgd, learning_rate: 0.1}"},
    {"regularizer", "{name: l2, lambda: 0.001}"},
    {"data set", "{name: synthetic10, train: 1000}"},
    {"network", "{name: mlp, width: 16}"},
    {"probe", "{name: weight_norm}"},
    {"evaluate", "{every: {epochs: 1}}"},
    {"record", "{parameters: true}"},
    {"tune", "{seeds: [101]}"},
    {"grid", "{batch: [32, 64]}"},
    {"on", "{cifar100: {batch: 64}}"},
    {"slurm", "{time: 1h}"},
    {"datasets", "[cifar10, cifar100]"},
    {"networks", "[cnn3]"},
    {"regularizers", "[{name: l2, lambda: 0.001}]"},
    {"probes", "[weight_norm]"},
};
constexpr std::string_view form_of_method =
    "{optimizer: {name: sgd, learning_rate: 0.1}, batch: 64}";

}  // namespace

std::string_view form_of(std::string_view what) {
  if (what.starts_with("method \"")) return form_of_method;
  const auto* found = std::ranges::find(forms, what.substr(what.rfind('.') + 1), &Form::what);
  return found == std::end(forms) ? std::string_view() : found->text;
}

std::string must_be(std::string_view what, std::string_view kind, const Node& got) {
  std::string_view form = form_of(what);
  const char opens = kind.starts_with("a list") ? '[' : '{';
  if (!form.starts_with(opens)) form = {};
  return fmt::format("{} must be {}{}{}, got {}", what, kind, form.empty() ? "" : ", as in ", form,
                     shown(got));
}

}  // namespace gapbench::suite
