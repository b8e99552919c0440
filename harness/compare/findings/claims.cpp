#include "compare/findings/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "compare/findings/recovery.h"
#include "compare/statistics/absence.h"
#include "compare/statistics/log_odds.h"
#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

using records::Record;
using suite::Claim;

constexpr const char* open_word = "not decided";
constexpr const char* holds = "holds";
constexpr const char* fails = "does not hold";

std::string interval_of(double value, const std::optional<Interval>& interval) {
  if (!interval) return signed_text(value);
  return fmt::format("{} [{}, {}]", signed_text(value), signed_text(interval->low),
                     signed_text(interval->high));
}

/// The rows of one section that a claim speaks of.
struct Rows {
  const Section* section;
  const Row* method;
  const Row* baseline;
  const Row* of = nullptr;
};

/// Nothing, and the reason, where there is not exactly one row of each.
std::optional<Rows> rows_of(const Section& section, const Claim& claim, const std::string& baseline,
                            std::string& why) {
  Rows rows{&section, only_row(section, claim.method), only_row(section, baseline)};
  std::vector<std::string> needed{claim.method, baseline};
  if (claim.kind == Claim::Kind::below) {
    rows.of = only_row(section, claim.of);
    needed.push_back(claim.of);
  }
  for (const std::string& name : needed) {
    if (only_row(section, name) != nullptr) continue;
    const auto is_it = [&](const Row& row) { return row.method == name; };
    const bool none = std::ranges::none_of(section.rows, is_it);
    why = fmt::format("there {} of {} on {}", none ? "is no row" : "are several rows", name,
                      section.title);
    return std::nullopt;
  }
  return rows;
}

/// On the scale of the claim.
Column scaled(Column metric, const Claim& claim) {
  if (claim.scale != "log_odds") return metric;
  metric.measure = [of = metric.measure](const Record& record) -> std::optional<double> {
    const auto percent = of(record);
    return percent ? log_odds(*percent / 100) : std::nullopt;
  };
  return metric;
}

void decide_carried(const Rows& a, const Rows& b, const Claim& claim, const Column& metric,
                    Answer& answer) {
  const Transfer t = transfer_between(*a.method, *a.baseline, *b.method, *b.baseline,
                                      metric.measure, {0.95, claim.share});
  answer.word = t.word();
  if (t.share.gap != Gap::none) {
    const std::string sentence = explain(t, a.section->title, b.section->title);
    answer.why = sentence.substr(sentence.rfind("; ") + 2);
  }
  answer.value = t.share.value;
  answer.interval = t.share.interval;
  answer.numbers = fmt::format("carried share {}", share_text(t.share));
  if (t.share.lost) {
    const double lost = t.a.differences.mean - t.b.differences.mean;
    answer.numbers += fmt::format(
        "; {}, then {}; first − second {}", interval_of(t.a.differences.mean, t.a.interval),
        interval_of(t.b.differences.mean, t.b.interval), interval_of(lost, t.share.lost));
  }
}

void decide_within(const Rows& rows, const Claim& claim, const Column& metric, Answer& answer) {
  const auto differences = paired_differences(*rows.method, *rows.baseline, metric.measure);
  const AbsenceClaim found = absence(differences, claim.margin);
  answer.word = found.verdict == Absence::absent    ? holds
                : found.verdict == Absence::present ? fails
                                                    : open_word;
  if (!found.p) {
    answer.why = "fewer than two seeds in common";
    return;
  }
  answer.value = summary(differences).mean;
  answer.interval = found.interval;
  answer.numbers =
      fmt::format("{}, p = {:.3g} for ±{:.4g}",
                  interval_of(summary(differences).mean, found.interval), *found.p, claim.margin);
  if (differences.size() < 3) answer.why = "needs three seeds in common with the baseline";
}

void decide_below(const Rows& rows, const Claim& claim, const Column& metric, Answer& answer) {
  const Recovery r = recovery(*rows.method, *rows.baseline, *rows.of, metric);
  answer.word = open_word;
  if (!r.value || !r.interval) {
    answer.why = r.why;
    return;
  }
  answer.value = r.value;
  answer.interval = r.interval;
  if (r.interval->high < claim.share) answer.word = holds;
  if (r.interval->low > claim.share) answer.word = fails;
  answer.numbers =
      fmt::format("recovery {:.2f} [{:.2f}, {:.2f}]", *r.value, r.interval->low, r.interval->high);
}

void decide_gains(const Rows& rows, const std::string& baseline, const Column& metric,
                  Dunnett& dunnett, Answer& answer) {
  Section section = *rows.section;
  section.metric = metric.name;
  const auto place = static_cast<std::size_t>(rows.method - rows.section->rows.data());
  const Comparison c = compare_rows(section, baseline, {metric}, dunnett);
  const Finding& f = c.found.front()[place];
  answer.word = open_word;
  if (!f.interval) {
    answer.why = f.differences.size() < 2 ? "fewer than two seeds in common"
                                          : "all differences are equal, their error is unknown";
    return;
  }
  const Interval used = f.among ? f.among->interval : *f.interval;
  answer.value = f.statistic->mean;
  answer.interval = used;
  answer.numbers = interval_of(f.statistic->mean, used);
  if (f.among) answer.numbers += fmt::format(", p = {:.3g} among {} rows", f.among->p, c.methods);
  if (!f.among) answer.numbers += fmt::format(", by its own t: {}", c.outside[place]);
  const bool higher = metric.better != Better::lower;
  if (used.low > 0) answer.word = higher ? holds : fails;
  if (used.high < 0) answer.word = higher ? fails : holds;
}

/// "5 seeds" of the rows together; "3 seeds on cifar10".
std::string seeds_given(const Rows& rows, const Column& metric) {
  const std::size_t n = paired_differences(*rows.method, *rows.baseline, metric.measure).size();
  std::size_t failed = failed_seeds({rows.method, rows.baseline});
  if (rows.of != nullptr) failed = failed_seeds({rows.method, rows.baseline, rows.of});
  return fmt::format("n = {}", seeds_text(n, failed));
}

void add_draws(const Row& row, std::set<std::string>& given) {
  const auto split = row.settings.find("data.split_seed");
  if (split == row.settings.end()) return;
  const bool drawn = std::holds_alternative<std::string>(split->second);
  given.insert(drawn ? "over draws of the training set" : "given one draw of the training set");
}

void add_tuning(const Row& row, std::set<std::string>& given) {
  const auto configurations = row.settings.find("tune.configurations");
  const auto trials = row.settings.find("tune.trials");
  if (configurations == row.settings.end() || trials == row.settings.end()) return;
  const auto seeds =
      std::get<std::int64_t>(trials->second) / std::get<std::int64_t>(configurations->second);
  given.insert(fmt::format("{} tuned with {} seed{}", row.label, seeds, seeds == 1 ? "" : "s"));
}

void add_given(const std::vector<Rows>& places, const Column& metric, Answer& answer) {
  for (const Rows& rows : places) {
    const std::string on = places.size() > 1 ? " on " + rows.section->title : "";
    answer.given.push_back(seeds_given(rows, metric) + on);
  }
  std::set<std::string> more;
  for (const Rows& rows : places) {
    for (const Row* row : {rows.method, rows.baseline, rows.of}) {
      if (row == nullptr) continue;
      const std::string fitting = fitting_note(*row);
      if (!fitting.empty()) {
        more.insert(fmt::format("{}{} on {}", row->label, fitting, rows.section->title));
      }
      add_draws(*row, more);
      add_tuning(*row, more);
    }
  }
  answer.given.insert(answer.given.end(), more.begin(), more.end());
}

bool is_of(const Section& section, const std::string& suite, const std::string& dataset) {
  return any_record(section).dataset == dataset && suites_of(section).contains(suite);
}

class Answers {
 public:
  explicit Answers(const Aggregate& all) : all_(all) {}

  void add(const records::SuiteNote& suite, const records::DeclaredClaim& declared) {
    const Claim& claim = declared.claim;
    bool any = false;
    for (const Section& from : all_.sections) {
      if (!is_of(from, suite.name, claim.from)) continue;
      if (claim.kind != Claim::Kind::carries) {
        any = true;
        decide(suite, declared, from, nullptr);
        continue;
      }
      for (const Section& to : all_.sections) {
        if (!is_of(to, suite.name, claim.to) || !comparable(from, to)) continue;
        any = true;
        decide(suite, declared, from, &to);
      }
    }
    if (any) return;
    Answer& none = list.emplace_back(Answer{&suite, &declared, "–", open_word, ""});
    none.why = claim.kind == Claim::Kind::carries
                   ? fmt::format("there are no trials of one network on both {} and {}", claim.from,
                                 claim.to)
                   : fmt::format("there are no trials on {}", claim.from);
  }

  std::vector<Answer> list;

 private:
  void decide(const records::SuiteNote& suite, const records::DeclaredClaim& declared,
              const Section& from, const Section* to) {
    const Claim& claim = declared.claim;
    Answer& answer = list.emplace_back(Answer{&suite, &declared, from.title, open_word, ""});
    if (to != nullptr) answer.where += ", then " + to->title;
    const auto metric = column_of(from, claim);
    const auto a = rows_of(from, claim, suite.baseline, answer.why);
    const auto b = a && to != nullptr ? rows_of(*to, claim, suite.baseline, answer.why) : a;
    if (!a || !b) return;
    if (!metric) {
      answer.why = fmt::format("no trial on {} has a number of {}", from.title, claim.metric);
      return;
    }
    switch (claim.kind) {
      case Claim::Kind::carries:
        decide_carried(*a, *b, claim, *metric, answer);
        break;
      case Claim::Kind::within:
        decide_within(*a, claim, *metric, answer);
        break;
      case Claim::Kind::below:
        decide_below(*a, claim, *metric, answer);
        break;
      case Claim::Kind::gains:
        decide_gains(*a, suite.baseline, *metric, dunnett_, answer);
        break;
    }
    add_given(to == nullptr ? std::vector{*a} : std::vector{*a, *b}, *metric, answer);
  }

  static std::optional<Column> column_of(const Section& section, const Claim& claim) {
    for (Column& column : columns_of(section)) {
      if (column.name == claim.metric) return scaled(std::move(column), claim);
    }
    return std::nullopt;
  }

  const Aggregate& all_;
  Dunnett dunnett_;
};

}  // namespace

std::vector<Answer> answers(const records::Records& records, const Aggregate& all) {
  Answers answers(all);
  for (const records::SuiteNote& suite : records.suites) {
    for (const records::DeclaredClaim& claim : suite.claims) answers.add(suite, claim);
  }
  return std::move(answers.list);
}

}  // namespace gapbench::compare
