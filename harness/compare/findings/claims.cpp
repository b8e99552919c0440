#include "compare/findings/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "compare/findings/recovery.h"
#include "compare/rows/grouping.h"
#include "compare/rows/looks.h"
#include "compare/rows/twins.h"
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
                                      metric.measure, {a.section->confidence, claim.share});
  answer.word = t.word();
  const CarriedShareOptions options = t.options;
  answer.samples = {paired_differences(*a.method, *a.baseline, metric.measure),
                    paired_differences(*b.method, *b.baseline, metric.measure)};
  answer.decides = [options](const Samples& s) {
    const Zone zone = carried_share(s[0], s[1], options).zone;
    return zone != Zone::cannot_tell && zone != Zone::share_open;
  };
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
  const double confidence = rows.section->confidence;
  const AbsenceClaim found = absence(differences, claim.margin, confidence);
  answer.samples = {differences};
  answer.decides = [margin = claim.margin, confidence](const Samples& s) {
    return absence(s[0], margin, confidence).verdict != Absence::cannot_tell;
  };
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
  const double confidence = rows.section->confidence;
  const Recovery r = recovery(*rows.method, *rows.baseline, *rows.of, metric, confidence);
  answer.samples = {paired_differences(*rows.method, *rows.baseline, metric.measure),
                    paired_differences(*rows.of, *rows.baseline, metric.measure)};
  answer.decides = [share = claim.share, confidence](const Samples& s) {
    const std::vector<double> large(s[0].size(), 0);
    const auto interval = recovery(s[0], large, s[1], confidence).interval;
    return interval && (interval->high < share || interval->low > share);
  };
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
  answer.samples = {f.differences};
  const double now = static_cast<double>(f.differences.size());
  answer.decides = [reach = used.width() / 2 * std::sqrt(now)](const Samples& sample) {
    const Statistic s = summary(sample[0]);
    return std::abs(s.mean) > reach / std::sqrt(static_cast<double>(s.n));
  };
  const bool higher = metric.better != Better::lower;
  if (used.low > 0) answer.word = higher ? holds : fails;
  if (used.high < 0) answer.word = higher ? fails : holds;
}

/// "5 seeds" of the rows together; "3 seeds on cifar10".
std::string seeds_given(const Rows& rows, const Column& metric) {
  const std::size_t n = paired_differences(*rows.method, *rows.baseline, metric.measure).size();
  std::size_t failed = failed_seeds({rows.method, rows.baseline});
  if (rows.of != nullptr) failed = failed_seeds({rows.method, rows.baseline, rows.of});
  const auto each = rows.method->seeds_per_draw;
  return fmt::format("n = {}{}", seeds_text(n, failed),
                     each > 1 ? fmt::format(" draws of {} seeds", each) : "");
}

void add_draws(const Row& row, std::set<std::string>& given) {
  const auto split = row.settings.find("data.split_seed");
  if (split == row.settings.end()) return;
  const bool drawn = std::holds_alternative<std::string>(split->second);
  const bool both = row.settings.contains("data.test_fraction");
  given.insert(both    ? "over draws of the training and the test set"
               : drawn ? "over draws of the training set"
                       : "given one draw of the training set");
}

void add_tuning(const Row& row, std::set<std::string>& given) {
  const auto configurations = row.settings.find("tune.configurations");
  const auto trials = row.settings.find("tune.trials");
  if (configurations == row.settings.end() || trials == row.settings.end()) return;
  const auto seeds =
      std::get<std::int64_t>(trials->second) / std::get<std::int64_t>(configurations->second);
  const auto tied = row.settings.find("tune.tied");
  given.insert(fmt::format(
      "{} tuned with {} seed{}{}", row.label, seeds, seeds == 1 ? "" : "s",
      tied == row.settings.end()
          ? ""
          : fmt::format(", chosen among {} ties", std::get<std::int64_t>(tied->second) + 1)));
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
        list.push_back(answer(suite, declared, from, nullptr));
        continue;
      }
      for (const Section& to : all_.sections) {
        if (!is_of(to, suite.name, claim.to) || !comparable(from, to)) continue;
        any = true;
        list.push_back(answer(suite, declared, from, &to));
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
  Answer answer(const records::SuiteNote& suite, const records::DeclaredClaim& declared,
                const Section& from, const Section* to) {
    Answer found = suite.looks.at.empty() ? decided(suite, declared, from, to)
                                          : at_looks(suite, declared, from, to);
    found.problems.push_back(from.key);
    if (to != nullptr) found.problems.push_back(to->key);
    return found;
  }

  /// What the first look said that decided; else what the last one did that all seeds are there for.
  Answer at_looks(const records::SuiteNote& suite, const records::DeclaredClaim& declared,
                  const Section& from, const Section* to) {
    const suite::Looks& looks = suite.looks;
    Answer found{&suite, &declared, from.title, open_word, ""};
    if (to != nullptr) found.where += ", then " + to->title;
    const double confidence = confidence_of(looks);
    std::size_t look = 0;
    for (; look < looks.at.size() && !found.is_decided(); ++look) {
      const std::size_t count = looks.at[look];
      const auto is_there = [&](const Section* s) {
        return s == nullptr || has_seeds(*s, looks.first, count);
      };
      if (!is_there(&from) || !is_there(to)) break;
      Section a = with_seeds(from, looks.first, count);
      a.confidence = confidence;
      std::optional<Section> b;
      if (to != nullptr) b = with_seeds(*to, looks.first, count);
      if (b) b->confidence = confidence;
      found = decided(suite, declared, a, b ? &*b : nullptr);
    }
    found.given.push_back(look_text(looks, look, confidence));
    if (suite.evaluated_before_looks > 0) {
      found.given.push_back(fmt::format("looks written down when {} trials had been evaluated",
                                        suite.evaluated_before_looks));
    }
    if (!found.is_decided() && look == 0) {
      found.why = fmt::format("the first look takes {} seeds of every row", looks.at.front());
    }
    found.looks_taken = look;
    return found;
  }

  static std::string look_text(const suite::Looks& looks, std::size_t taken, double confidence) {
    if (taken == 0) return fmt::format("no look of {} taken", looks.at.size());
    return fmt::format("look {} of {}, {} intervals", taken, looks.at.size(),
                       percent_text(confidence));
  }

  Answer decided(const records::SuiteNote& suite, const records::DeclaredClaim& declared,
                 const Section& from, const Section* to) {
    const Claim& claim = declared.claim;
    Answer answer{&suite, &declared, from.title, open_word, ""};
    if (to != nullptr) answer.where += ", then " + to->title;
    const auto metric = column_of(from, claim);
    const auto a = rows_of(from, claim, suite.baseline, answer.why);
    const auto b = a && to != nullptr ? rows_of(*to, claim, suite.baseline, answer.why) : a;
    if (!a || !b) return answer;
    if (!metric) {
      answer.why = fmt::format("no trial on {} has a number of {}", from.title, claim.metric);
      return answer;
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
    return answer;
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

bool Answer::is_decided() const {
  if (word == open_word) return false;
  return declared->claim.kind != Claim::Kind::carries ||
         (word != to_text(Zone::cannot_tell, declared->claim.share) &&
          word != to_text(Zone::share_open, declared->claim.share));
}

bool Answer::wants_seeds() const {
  return !suite->looks.at.empty() && !is_decided() && !problems.empty() &&
         looks_taken < suite->looks.at.size();
}

std::vector<Answer> answers(const records::Records& records, const Aggregate& all) {
  Answers answers(all);
  for (const records::SuiteNote& suite : records.suites) {
    for (const records::DeclaredClaim& claim : suite.claims) answers.add(suite, claim);
  }
  return std::move(answers.list);
}

std::vector<Answer> answers(const records::Records& records) {
  const auto has_claims = [](const records::SuiteNote& suite) { return !suite.claims.empty(); };
  if (std::ranges::none_of(records.suites, has_claims)) return {};
  const Folded all = folded(records);
  return answers(records, aggregate(all.records, ""));
}

}  // namespace gapbench::compare
