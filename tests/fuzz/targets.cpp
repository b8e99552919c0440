#include "fuzz/targets.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "core/file.h"
#include "core/state.h"
#include "data/data.h"
#include "data/sets/gzip.h"
#include "data/sets/png.h"
#include "gapbench/error.h"
#include "paths.h"
#include "plugin/library.h"
#include "plugin/registry.h"
#include "records/checkpoint.h"
#include "records/cpu.h"
#include "records/outcomes.h"
#include "records/parameters.h"
#include "records/plausible.h"
#include "records/record_json.h"
#include "records/suite_note.h"
#include "records/trajectory.h"
#include "run/limits.h"
#include "run/selection.h"
#include "run/slurm/submission.h"
#include "suite/fake_catalog.h"
#include "suite/trials/trial_file.h"

namespace gapbench::fuzz {
namespace {

namespace fs = std::filesystem;

/// Not synced: a crash of the machine matters to nobody here.
fs::path put(const fs::path& file, const std::string& bytes) {
  make_folder(file.parent_path());
  remove_file(file);  // a new one: an earlier one may be mapped
  GrowingFile(file, GrowingFile::Start::empty).append(bytes);
  return file;
}

void read_suite(const std::string& input, const fs::path&) {
  const suite::Suite suite = suite::test::read(input);
  for (const suite::Trial& trial : suite.trials) suite::write_trial(trial.settings);
}

/// What is accepted must come back the same.
void read_trial(const std::string& input, const fs::path& scratch) {
  const auto settings = suite::read_trial(put(scratch / "trial.yaml", input));
  const std::string text = suite::write_trial(settings);
  const auto again = suite::read_trial(put(scratch / "again.yaml", text));
  if (suite::write_trial(again) != text) std::abort();
}

void read_summary(const std::string& input, const fs::path&) {
  const records::Record record = records::parse_summary(input);
  records::require_possible(record);
  const std::string text =
      records::summary_json(record).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  records::parse_summary(text);
}

void read_history(const std::string& input, const fs::path& scratch) {
  const std::size_t half = input.find("\n\n");
  const bool both = half != std::string::npos;
  put(scratch / "history.jsonl", both ? input.substr(0, half + 1) : input);
  put(scratch / "timing.jsonl", both ? input.substr(half + 2) : input);
  records::last_whole_line(scratch / "history.jsonl");
  const records::History history = records::read_history(scratch);
  if (!history.broken.empty()) throw Error("history", history.broken);
}

void read_record(const std::string& input, const fs::path& scratch) {
  put(scratch / "summary.json", input);
  records::inspect(scratch, std::string(64, 'a'));
  records::read_record(scratch);
}

void read_note(const std::string& input, const fs::path& scratch) {
  records::read_suite_note(put(scratch / "suite.json", input));
}

void read_environment(const std::string& input, const fs::path& scratch) {
  put(scratch / "environment.json", input);
  records::cpu_of(scratch);
}

void read_checkpoint(const std::string& input, const fs::path& scratch) {
  put(scratch / records::checkpoint_file, input);
  records::peek_checkpoint(scratch);
  const auto found = records::read_checkpoint(scratch, records::Record());
  if (found && !found->why_not.empty()) throw Error("checkpoint", found->why_not);
}

void read_state(const std::string& input, const fs::path&) {
  StateReader reader("state", input);
  std::array<float, 3> weights{};
  double rate = 0;
  std::uint64_t step = 0;
  reader.field("weights", weights);
  reader.field("rate", rate);
  reader.field("step", step);
  reader.finish();
}

void read_outcomes(const std::string& input, const fs::path&) { records::parse_outcomes(input); }

void read_numbers(const std::string& input, const fs::path& scratch) {
  put(scratch / records::end_file, input);
  records::read_end(scratch);
  put(scratch / records::steps_file, input);
  records::read_steps(scratch);
}

void read_jobs(const std::string& input, const fs::path& scratch) {
  put(scratch / "slurm/1/jobs.json", input);
  run::slurm::submissions(scratch);
}

void read_flags(const std::string& input, const fs::path&) {
  const auto tried = [&input](const auto& read) {
    try {
      read("--flag", input);
    } catch (const Error&) {  // with the words as they were typed
      return;
    }
  };
  tried(run::bytes_of);
  tried(run::shard_of);
  tried(run::selection_of);
}

void load_all(const std::string& name, const fs::path& root) {
  data::Request request;
  request.name = name;
  request.options = Options::resolve(name, data::find_kind(name).options, {});
  request.root = root;
  const auto data = data::load(request);
  for (const Part part : {Part::train, Part::test}) {
    std::vector<std::uint32_t> all(std::min<std::size_t>(data->examples(part), 64));
    std::iota(all.begin(), all.end(), 0U);
    const auto& d = data->description();
    std::vector<float> inputs(all.size() * d.shape.size());
    std::vector<std::int32_t> labels(d.target_width == 0 ? all.size() : 0);
    std::vector<float> targets(all.size() * d.target_width);
    data->gather({.part = part, .indices = all}, inputs, labels, targets);
  }
}

std::string with_size(std::string head, std::uint32_t count) {
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>(count >> shift);
  return head;
}

/// The input is the images' file: two pictures of 28 x 28 where it is whole. And once as labels.
void read_idx(const std::string& input, const fs::path& scratch) {
  const fs::path folder = scratch / "mnist";
  const std::string labels = with_size({'\0', '\0', '\x08', '\x01'}, 2) + std::string("\1\2");
  const std::string images =
      with_size(with_size(with_size({'\0', '\0', '\x08', '\x03'}, 2), 28), 28) +
      std::string(2 * 784, 'a');
  put(folder / "train-images-idx3-ubyte", input);
  put(folder / "train-labels-idx1-ubyte", labels);
  put(folder / "t10k-images-idx3-ubyte", images);
  put(folder / "t10k-labels-idx1-ubyte", labels);
  if (input.size() < 4 || input[3] != '\1') return load_all("mnist", scratch);
  put(folder / "train-images-idx3-ubyte", images);
  put(folder / "t10k-labels-idx1-ubyte", input);
  load_all("mnist", scratch);
}

void read_cifar(const std::string& input, const fs::path& scratch) {
  const fs::path folder = scratch / "cifar-10-batches-bin";
  put(folder / "data_batch_1.bin", input);
  put(folder / "test_batch.bin", std::string(3073, '\1'));
  load_all("cifar10", scratch);
}

/// The input is all five files, with a form feed between them.
void read_csv(const std::string& input, const fs::path& scratch) {
  constexpr const char* names[] = {"data.txt", "index_features.txt", "index_target.txt",
                                   "index_train_0.txt", "index_test_0.txt"};
  std::size_t begin = 0;
  for (const char* name : names) {
    const std::size_t end = std::min(input.find('\f', begin), input.size());
    put(scratch / "csv/tiny" / name, input.substr(begin, end - begin));
    begin = std::min(end + 1, input.size());
  }
  load_all("csv:tiny", scratch);
}

void read_gzip(const std::string& input, const fs::path&) {
  constexpr std::size_t size = 4096;
  data::inflate_gzip("x.gz", {reinterpret_cast<const unsigned char*>(input.data()), input.size()},
                     size);
}

void read_picture(const std::string& input, const fs::path&) {
  data::read_png("x.png", {reinterpret_cast<const unsigned char*>(input.data()), input.size()});
}

/// The input is the training part's inputs, and once its labels.
void read_npy(const std::string& input, const fs::path& scratch) {
  static const auto library =
      plugin::Library::load(fs::path(test::plugin_folder()) / "data_npy.so");
  const Component& npy = library.components().front();
  const auto corpus = fs::path(test::source_folder()) / "tests/fuzz/corpus/npy";
  static const std::string images = read_file(corpus / "images");
  static const std::string labels = read_file(corpus / "labels");
  const fs::path folder = scratch / "npy/set";
  put(folder / "x_test.npy", images);
  put(folder / "y_test.npy", labels);
  const auto load = [&](const std::string& x, const std::string& y) {
    put(folder / "x_train.npy", x);
    put(folder / "y_train.npy", y);
    load_data_set("npy", npy.load_data, false,
                  Options::resolve("npy", plugin::options_of(npy), {{"set", std::string("set")}}),
                  scratch / "npy");
  };
  try {
    load(images, input);
  } catch (const Error&) {  // as labels it was none
  }
  load(input, labels);
}

/// The input says which bytes of a good library are others: pairs of a place, as four bytes, and a
/// byte. Its descriptor, its headers and its code: loading it must not hurt.
void read_library(const std::string& input, const fs::path& scratch) {
  static const std::string good = read_file(fs::path(test::plugin_folder()) / "optimizers_sgd.so");
  std::string damaged = good;
  for (std::size_t i = 0; i + 5 <= input.size() && i < 5 * 8; i += 5) {
    std::size_t at = 0;
    for (std::size_t k = 0; k < 4; ++k) at = at << 8 | static_cast<unsigned char>(input[i + k]);
    // Half of them in the first kilobytes, where the headers are.
    const std::size_t range = at % 2 == 0 ? 4096 : damaged.size();
    damaged[at / 2 % range] = input[i + 4];
  }
  put(scratch / "libraries/damaged.so", damaged);
  const auto registry = plugin::Registry::load({scratch / "libraries"});
  if (!registry.refusals().empty()) throw Error("library", registry.refusals()[0].reason);
}

}  // namespace

std::span<const Target> targets() {
  static const std::array all{Target{"suite", read_suite, true, 2},
                              Target{"trial", read_trial, true, 2},
                              Target{"summary", read_summary},
                              Target{"record", read_record},
                              Target{"history", read_history},
                              Target{"note", read_note},
                              Target{"environment", read_environment},
                              Target{"checkpoint", read_checkpoint},
                              Target{"state", read_state},
                              Target{"outcomes", read_outcomes},
                              Target{"numbers", read_numbers},
                              Target{"jobs", read_jobs},
                              Target{"flags", read_flags},
                              Target{"idx", read_idx},
                              Target{"cifar", read_cifar},
                              Target{"csv", read_csv},
                              Target{"npy", read_npy},
                              Target{"gzip", read_gzip},
                              Target{"png", read_picture},
                              Target{"library", read_library, true, 50}};
  return all;
}

}  // namespace gapbench::fuzz
