#include "compare/browser.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace gapbench::test {
namespace {

constexpr int patience_milliseconds = 60000;

std::string decoded(const std::string& base64) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : base64) {
    const std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto place = letters.find(c);
    if (place == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(place);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFFU);
  }
  return bytes;
}

/// In the child: commands come on descriptor 3, answers go to 4.
[[noreturn]] void become(const std::string& program, const std::string& profile, int in, int out) {
  const int quiet = ::open("/dev/null", O_RDWR);
  dup2(quiet, 0);
  dup2(quiet, 1);
  dup2(quiet, 2);
  const int in_copy = fcntl(in, F_DUPFD, 10);  // out of the way of 3 and 4
  const int out_copy = fcntl(out, F_DUPFD, 10);
  dup2(in_copy, 3);
  dup2(out_copy, 4);
  setpgid(0, 0);
  const std::string folder = "--user-data-dir=" + profile;
  execl(program.c_str(), program.c_str(), "--headless", "--no-sandbox", "--disable-gpu",
        "--hide-scrollbars", "--no-first-run", "--remote-debugging-pipe", "--window-size=1300,900",
        folder.c_str(), "about:blank", nullptr);
  _exit(127);
}

}  // namespace

std::optional<std::string> find_chromium() {
  for (const char* path : {"/usr/bin/chromium", "/usr/bin/chromium-browser"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return std::nullopt;
}

Browser::Browser(const std::string& program) {
  std::array<int, 2> commands{};
  std::array<int, 2> answers{};
  if (pipe2(commands.data(), O_CLOEXEC) != 0 || pipe2(answers.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  child_ = fork();
  if (child_ == 0) become(program, profile_.path(), commands[0], answers[1]);
  close(commands[0]);
  close(answers[1]);
  to_ = commands[1];
  from_ = answers[0];
  try {
    const Json target = call("Target.createTarget", {{"url", "about:blank"}}, false);
    session_ = call("Target.attachToTarget", {{"targetId", target["targetId"]}, {"flatten", true}},
                    false)["sessionId"];
    for (const char* domain : {"Page", "Runtime", "Network", "Log"}) {
      call(std::string(domain) + ".enable", Json::object());
    }
  } catch (...) {
    stop();
    throw;
  }
}

Browser::~Browser() { stop(); }

void Browser::stop() {
  close(to_);
  close(from_);
  kill(-child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

Browser::Json Browser::receive() {
  for (;;) {
    const std::size_t end = buffer_.find('\0');
    if (end != std::string::npos) {
      Json message = Json::parse(buffer_.substr(0, end));
      buffer_.erase(0, end + 1);
      return message;
    }
    pollfd ready{from_, POLLIN, 0};
    if (poll(&ready, 1, patience_milliseconds) <= 0) throw std::runtime_error("Chromium is silent");
    std::array<char, 65536> bytes{};
    const ssize_t count = read(from_, bytes.data(), bytes.size());
    if (count <= 0) throw std::runtime_error("Chromium is gone");
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

Browser::Json Browser::call(const std::string& method, const Json& parameters, bool of_page) {
  const int id = ++last_id_;
  Json message{{"id", id}, {"method", method}, {"params", parameters}};
  if (of_page) message["sessionId"] = session_;
  const std::string text = message.dump() + '\0';
  if (write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("Chromium does not listen");
  }
  for (;;) {
    Json answer = receive();
    if (!answer.contains("id")) {
      events_.push_back(std::move(answer));
    } else if (answer["id"] == id) {
      if (answer.contains("error")) throw std::runtime_error(method + ": " + answer.dump());
      return answer["result"];
    }
  }
}

void Browser::open(const std::string& url) {
  call("Page.navigate", {{"url", url}});
  wait_for("document.readyState === 'complete' && location.href !== 'about:blank'");
}

Browser::Json Browser::evaluate(const std::string& expression) {
  const Json result =
      call("Runtime.evaluate",
           {{"expression", expression}, {"awaitPromise", true}, {"returnByValue", true}});
  if (result.contains("exceptionDetails")) throw std::runtime_error(result.dump());
  return result["result"].value("value", Json());
}

void Browser::wait_for(const std::string& expression) {
  for (int waited = 0; waited < patience_milliseconds; waited += 20) {
    if (evaluate(expression) == true) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("never true: " + expression);
}

void Browser::move_mouse(double x, double y) {
  call("Input.dispatchMouseEvent", {{"type", "mouseMoved"}, {"x", x}, {"y", y}});
}

void Browser::click(double x, double y) {
  for (const char* type : {"mousePressed", "mouseReleased"}) {
    call("Input.dispatchMouseEvent",
         {{"type", type}, {"x", x}, {"y", y}, {"button", "left"}, {"clickCount", 1}});
  }
}

void Browser::press(const std::string& key) {
  const std::string text = key == "Enter" ? "\r" : "";
  call("Input.dispatchKeyEvent", {{"type", "keyDown"},
                                  {"key", key},
                                  {"code", key},
                                  {"text", text},
                                  {"windowsVirtualKeyCode", key == "Enter" ? 13 : 9}});
  call("Input.dispatchKeyEvent", {{"type", "keyUp"}, {"key", key}, {"code", key}});
}

void Browser::set_media(const std::string& color_scheme, const std::string& medium) {
  call("Emulation.setEmulatedMedia",
       {{"media", medium},
        {"features", Json::array({{{"name", "prefers-color-scheme"}, {"value", color_scheme}}})}});
}

void Browser::screenshot(const std::string& file) {
  const Json result = call("Page.captureScreenshot", {{"captureBeyondViewport", true}});
  std::ofstream(file, std::ios::binary) << decoded(result["data"]);
}

std::vector<std::string> Browser::complaints() const {
  std::vector<std::string> texts;
  for (const Json& e : events_) {
    const std::string method = e["method"];
    if (method == "Runtime.exceptionThrown" || method == "Runtime.consoleAPICalled" ||
        method == "Log.entryAdded") {
      texts.push_back(e["params"].dump());
    }
  }
  return texts;
}

std::vector<std::string> Browser::requests() const {
  std::vector<std::string> urls;
  for (const Json& e : events_) {
    if (e["method"] == "Network.requestWillBeSent") urls.push_back(e["params"]["request"]["url"]);
  }
  return urls;
}

}  // namespace gapbench::test
