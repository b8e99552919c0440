// A plugin that does what plugins must not, in the step that it is told: SGD otherwise.
#include <fcntl.h>
#include <gapbench/plugin.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::choice("deed",
                   "none|crash|hang|hog|nan|exit|fork|chdir|abort_at_end|long_reason|thread|kill",
                   "what it does")
        .by_default("none"),
    option::integer("at", "in the step of this index").at_least(0).by_default(5.0),
};

class Hostile final : public gapbench::Optimizer {
 public:
  Hostile(const gapbench::Options& o, std::span<const gapbench::TensorInfo>)
      : deed_(o.choice("deed")), at_(static_cast<std::uint64_t>(o.integer("at"))) {}
  Hostile(const Hostile&) = delete;
  Hostile& operator=(const Hostile&) = delete;
  ~Hostile() override {
    if (deed_ == "abort_at_end") std::abort();
  }

  void step(gapbench::Step& step) override {
    gradient_.resize(step.dimension());
    step.gradient(gradient_);
    for (std::size_t i = 0; i < gradient_.size(); ++i) {
      step.parameters()[i] -= 0.001F * gradient_[i];
    }
    if (step.index() == at_) act(step);
  }
  void archive(gapbench::State&) override {}

 private:
  void act(gapbench::Step& step) {
    if (deed_ == "crash") std::raise(SIGSEGV);
    if (deed_ == "kill") std::raise(SIGKILL);
    if (deed_ == "exit") std::exit(0);
    if (deed_ == "fork") fork();
    if (deed_ == "nan") step.parameters()[0] = std::numeric_limits<float>::quiet_NaN();
    if (deed_ == "chdir" && chdir("/") != 0) return;
    if (deed_ == "long_reason") throw gapbench::Error("hostile", std::string(5000000, 'x'));
    if (deed_ == "thread") std::thread([] { pause(); }).detach();
    while (deed_ == "hang") pause();
    while (deed_ == "hog") hogged_.emplace_back(std::size_t{1} << 20U, 'x');
  }

  std::string deed_;
  std::uint64_t at_;
  std::vector<float> gradient_;
  std::vector<std::string> hogged_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Hostile>(
    {.name = "hostile", .summary = "does what it must not; nobody 1900", .example = ""}, options));
