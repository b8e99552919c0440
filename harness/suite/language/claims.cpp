#include "suite/language/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "core/nearest.h"
#include "suite/language/block.h"
#include "suite/language/fields.h"
#include "suite/language/parts.h"
#include "suite/language/published.h"
#include "suite/language/rows.h"

namespace gapbench::suite {
namespace {

constexpr const char* form = "as in {method: sam, from: cifar10, to: cifar100}";

std::vector<std::string> metric_names() {
  return {std::begin(published_metrics), std::end(published_metrics)};
}

class ClaimReader {
 public:
  ClaimReader(const Parts& parts, const std::string& baseline, const std::string& primary,
              Mistakes& mistakes)
      : baseline_(baseline), primary_(primary), mistakes_(mistakes) {
    for (const DataBlock& data : parts.datasets) places_.push_back(data.settings.set.name);
    for (const ChoiceBlock& problem : parts.problems) places_.push_back(problem.choice.name);
    for (const RowOfSuite& row : rows_of(parts)) methods_.push_back(row.name);
  }

  Claim read(const Node& node) {
    Block block(node, "claim", mistakes_);
    Claim claim;
    claim.method = named(block, "method", methods_, true);
    if (!claim.method.empty() && claim.method == baseline_) {
      mistakes_.add(
          block.place_of("method"),
          fmt::format("claim: \"{}\" is the baseline, which claims are against", claim.method));
    }
    claim.metric = block.has("metric") ? named(block, "metric", metric_names(), true) : primary_;
    if (block.has("from") || block.has("to")) {
      read_carried(block, claim);
    } else {
      read_on(block, claim);
    }
    block.done();
    return claim;
  }

 private:
  void read_carried(Block& block, Claim& claim) {
    claim.kind = Claim::Kind::carries;
    claim.from = named(block, "from", places_, true);
    claim.to = named(block, "to", places_, true);
    if (!claim.from.empty() && claim.from == claim.to) {
      mistakes_.add(block.place_of("to"), "claim: from and to are the same data set");
    }
    const auto scale =
        block.value(option::choice("scale", "points|log_odds", "").by_default("points"));
    if (scale) claim.scale = std::get<std::string>(*scale);
    if (claim.scale == "log_odds" && !claim.metric.ends_with("_accuracy")) {
      mistakes_.add(block.place_of("scale"),
                    fmt::format("claim: log odds are of an accuracy, not of {}", claim.metric));
    }
    claim.share = block.real(share("share").by_default(claim.share)).value_or(claim.share);
  }

  void read_on(Block& block, Claim& claim) {
    claim.kind = Claim::Kind::gains;
    if (!block.has("on")) {
      mistakes_.add(block.place(),
                    fmt::format("claim: missing \"from\" and \"to\", or \"on\"; {}", form));
    }
    claim.from = named(block, "on", places_, block.has("on"));
    if (block.has("within")) {
      claim.kind = Claim::Kind::within;
      claim.margin = block.real(option::real("within", "").above(0)).value_or(0);
    } else if (block.has("below") || block.has("of")) {
      claim.kind = Claim::Kind::below;
      claim.share = block.real(share("below")).value_or(claim.share);
      claim.of = named(block, "of", methods_, true);
      if (!claim.of.empty() && (claim.of == claim.method || claim.of == baseline_)) {
        mistakes_.add(block.place_of("of"),
                      "claim: must name a third method, neither this one nor the baseline");
      }
    }
  }

  static OptionSpec share(const char* name) { return option::real(name, "").above(0).below(1); }

  std::string named(Block& block, const char* key, const std::vector<std::string>& valid,
                    bool is_required) {
    const std::string name = block.text(key, is_required).value_or("");
    if (!name.empty() && std::find(valid.begin(), valid.end(), name) == valid.end()) {
      mistakes_.add(block.place_of(key), fmt::format("claim: no {} \"{}\" in this suite{}", key,
                                                     name, did_you_mean(name, valid)));
    }
    return name;
  }

  const std::string& baseline_;
  const std::string& primary_;
  Mistakes& mistakes_;
  std::vector<std::string> places_;
  std::vector<std::string> methods_;
};

}  // namespace

std::string to_text(const Claim& c) {
  const std::string head = fmt::format("{{method: {}, metric: {}", c.method, c.metric);
  switch (c.kind) {
    case Claim::Kind::carries:
      return fmt::format("{}, from: {}, to: {}, scale: {}, share: {}}}", head, c.from, c.to,
                         c.scale, c.share);
    case Claim::Kind::within:
      return fmt::format("{}, on: {}, within: {}}}", head, c.from, c.margin);
    case Claim::Kind::below:
      return fmt::format("{}, on: {}, below: {}, of: {}}}", head, c.from, c.share, c.of);
    case Claim::Kind::gains:
      break;
  }
  return fmt::format("{}, on: {}}}", head, c.from);
}

std::vector<Claim> read_claims(const Node& list, const Parts& parts, const std::string& baseline,
                               const std::string& primary, Mistakes& mistakes) {
  std::vector<Claim> claims;
  if (!require_list(list, "claims", mistakes)) return claims;
  if (baseline.empty()) {
    mistakes.add(list.place, "claims are against a baseline: missing key \"baseline\"");
  }
  ClaimReader reader(parts, baseline, primary, mistakes);
  std::set<std::string> seen;
  for (const Node& node : list.items) {
    const std::size_t before = mistakes.count();
    claims.push_back(reader.read(node));
    const bool sound = mistakes.count() == before;
    if (sound && !seen.insert(to_text(claims.back())).second) {
      mistakes.add(node.place, fmt::format("claim given twice: {}", to_text(claims.back())));
    }
  }
  return claims;
}

std::string read_metric(const Node& root, Mistakes& mistakes) {
  const Node* node = root.find("metric");
  if (node == nullptr || node->kind == Node::Kind::null) return "test_accuracy";
  const std::vector<std::string> valid = metric_names();
  if (node->is_scalar() && std::find(valid.begin(), valid.end(), node->text) != valid.end()) {
    return node->text;
  }
  mistakes.add(node->place, fmt::format("metric must be one of {}, got {}", fmt::join(valid, ", "),
                                        shown(*node)));
  return "test_accuracy";
}

}  // namespace gapbench::suite
