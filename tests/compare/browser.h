// A headless Chromium, driven over a pipe (Chrome DevTools Protocol).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/temporary_folder.h"

namespace gapbench::test {

/// The program, where one is installed.
std::optional<std::string> find_chromium();

class Browser {
 public:
  using Json = nlohmann::json;

  /// Starts it with one empty page. Throws std::runtime_error when it does not answer.
  explicit Browser(const std::string& program);
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;
  ~Browser();

  /// Opens a page and waits until it is loaded.
  void open(const std::string& url);
  /// The value of a JavaScript expression; a promise is waited for.
  Json evaluate(const std::string& expression);
  /// Waits, up to a minute, until the expression is true.
  void wait_for(const std::string& expression);
  void move_mouse(double x, double y);
  void click(double x, double y);
  void press(const std::string& key);
  void set_media(const std::string& color_scheme, const std::string& medium = "");
  /// A PNG of the whole page.
  void screenshot(const std::string& file);

  /// Exceptions and messages of the console.
  std::vector<std::string> complaints() const;
  /// Addresses that the page asked for.
  std::vector<std::string> requests() const;

 private:
  Json call(const std::string& method, const Json& parameters, bool of_page = true);
  Json receive();
  void stop();

  TemporaryFolder profile_;
  int child_ = 0;
  int to_ = -1;
  int from_ = -1;
  int last_id_ = 0;
  std::string session_;
  std::string buffer_;
  std::vector<Json> events_;
};

}  // namespace gapbench::test
