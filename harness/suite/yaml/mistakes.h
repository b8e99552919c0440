// Mistakes in a file, collected so that all of them are reported together.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "gapbench/error.h"

namespace gapbench::suite {

/// Where something was written: a line of the file (from 1), or an override (from 1).
struct Place {
  std::size_t line = 0;
  std::size_t override_number = 0;  ///< 0: in the file
};

/// What Places refer to.
struct Source {
  std::string file;
  std::vector<std::string> overrides;  ///< "a.b=c", as given

  std::string text(Place place) const;  ///< "suites/x.yaml:14" or "--set budget.epochs=1"
};

/// At most this many mistakes are printed.
inline constexpr std::size_t shown_mistakes = 20;

class Mistakes {
 public:
  explicit Mistakes(Source source) : source_(std::move(source)) {}

  /// The same message at the same place counts once: an inherited mistake is one mistake.
  void add(Place place, const std::string& message);
  bool none() const noexcept { return mistakes_.empty(); }
  std::size_t count() const noexcept { return mistakes_.size(); }
  const Source& source() const noexcept { return source_; }

  /// No mistake, but perhaps not what was meant. Once, like a mistake.
  void note(Place place, const std::string& message);
  /// "suites/x.yaml:14: 8 draws gave 1 configuration", in the order of the file.
  const std::vector<std::string>& notes() const noexcept { return notes_; }

  /// Throws one Error when there is any mistake: file order, overrides last, one mistake a line.
  /// A single mistake stands at its own place; several stand under the file's name.
  void raise() const;
  /// For what cannot be read on from: adds the mistake and throws.
  [[noreturn]] void refuse(Place place, const std::string& message);

 private:
  struct Mistake {
    Place place;
    std::string message;
  };

  Error error() const;

  Source source_;
  std::vector<Mistake> mistakes_;
  std::vector<std::string> notes_;
  std::set<std::tuple<std::size_t, std::size_t, std::string>> seen_;
};

}  // namespace gapbench::suite
