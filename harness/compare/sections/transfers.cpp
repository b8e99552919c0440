#include "compare/sections/transfers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compare/findings/verdict.h"
#include "compare/sections/cells.h"
#include "compare/statistics/uniform.h"

namespace gapbench::compare {
namespace {

std::optional<Interval> interval_of(const Effect& effect) {
  return effect.spread ? effect.interval : std::nullopt;
}

Cell effect_cell(const Effect& effect, std::optional<int> decimals) {
  const std::string text = difference_text(effect.differences, interval_of(effect), decimals);
  return ordered(fmt::format("{}, n = {}", text, seeds_text(effect.differences.n, effect.failed)),
                 effect.differences.mean);
}

Cell lost_cell(const Transfer& t, std::optional<int> decimals) {
  if (t.a.differences.n == 0 || t.b.differences.n == 0) return "–";
  const Statistic lost{t.a.differences.mean - t.b.differences.mean, 0, 1};
  const bool known = t.a.spread && t.b.spread;
  return ordered(difference_text(lost, known ? t.share.lost : std::nullopt, decimals), lost.mean);
}

/// "adam (not fitted on the first)", "adam (1/5 not fitted on both)".
std::string carried_label(const std::string& method, const Section& from, const Section& to) {
  const std::string a = fitting_note(*only_row(from, method));
  const std::string b = fitting_note(*only_row(to, method));
  const auto on = [](const std::string& note, const char* where) {
    return note.empty() ? "" : fmt::format("{} on {})", note.substr(0, note.size() - 1), where);
  };
  if (a == b) return method + on(a, "both");
  return method + on(a, "the first") + on(b, "the second");
}

using Group = std::vector<const Carried*>;

/// Of all effects of a table; nothing where each has its own.
std::optional<int> common_decimals(const Group& list, Digits digits) {
  if (digits == Digits::own) return std::nullopt;
  std::vector<double> differences;
  std::vector<Interval> intervals;
  for (const Carried* c : list) {
    for (const Effect* effect : {&c->transfer.a, &c->transfer.b}) {
      differences.push_back(effect->differences.mean);
      if (const auto interval = interval_of(*effect)) intervals.push_back(*interval);
    }
  }
  return decimals_of(differences, intervals);
}

/// Of one pair of data sets and one metric.
Table table_of(const Group& list, const std::string& baseline, Digits digits) {
  const std::optional<int> decimals = common_decimals(list, digits);
  const Carried& any = *list.front();
  const bool decides = any.metric.name == any.from->metric;
  const std::string name = any.metric.heading + (decides ? "" : " (secondary)");
  Table table(fmt::format(
      "{}: whether the differences to {} carry over from {} to {}, with {} intervals", name,
      baseline, any.from->title, any.to->title, percent_text(any.transfer.options.confidence)));
  Cells labels, first, second, shares, lost, verdicts;
  for (const Carried* c : list) {
    labels.emplace_back(carried_label(c->method, *c->from, *c->to));
    first.push_back(effect_cell(c->transfer.a, decimals));
    second.push_back(effect_cell(c->transfer.b, decimals));
    shares.push_back(ordered(share_text(c->transfer.share), c->transfer.share.value));
    lost.push_back(lost_cell(c->transfer, decimals));
    verdicts.emplace_back(c->transfer.word());
  }
  table.add(fmt::format("{}, against {}", name, carried_label(baseline, *any.from, *any.to)),
            std::move(labels));
  table.add("First", std::move(first));
  table.add("Second", std::move(second));
  table.add("Carried share", std::move(shares));
  table.add("First − second", std::move(lost));
  table.add("Verdict", std::move(verdicts));
  return table;
}

Page carried_between(const Group& list, const std::string& baseline, bool explained,
                     Digits digits) {
  const Section& first = *list.front()->from;
  const Section& second = *list.front()->to;
  Page page{Text(fmt::format("From {} (first) to {} (second):", first.title, second.title))};
  Bullets sentences;
  for (const Carried* of : list) {
    if (of->method != list.front()->method) break;  // each method has the same metrics
    Group group;
    std::copy_if(list.begin(), list.end(), std::back_inserter(group),
                 [&](const Carried* c) { return c->metric.name == of->metric.name; });
    page.push_back(table_of(group, baseline, digits));
  }
  for (const Carried* c : list) {
    sentences.items.push_back(fmt::format("{}, {}: {}.", c->method, c->metric.heading,
                                          explain(c->transfer, first.title, second.title)));
  }
  if (explained) page.push_back(sentences);
  return page;
}

}  // namespace

Page carried_over(const Aggregate& all, const std::vector<std::string>& names, bool explained,
                  Digits digits) {
  const std::vector<Carried> list = carried(all, names);
  if (list.empty()) return {};
  Page page{Heading{2, "Does it carry over?"}};
  for (auto first = list.begin(); first != list.end();) {
    Group group;
    auto last = first;
    for (; last != list.end() && last->from == first->from && last->to == first->to; ++last) {
      group.push_back(&*last);
    }
    append(page, carried_between(group, all.baseline, explained, digits));
    first = last;
  }
  return page;
}

}  // namespace gapbench::compare
