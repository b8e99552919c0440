// Embedded sets that need no download: pictures of jittered, textured ellipses among distractors
// (textures.h). They exist to try the harness out and to test it. They are made up: nothing found
// on them says anything about CIFAR or about photographs.
//
// Example i of a part is a pure function of (seed, part, i), so a set with more examples begins
// with the same pictures. Its class is i modulo the number of classes. These sets have an option
// `label_noise` of their own, with a default that is not 0; what it does is what it does to any
// other set (label_noise.h).

#include <fmt/format.h>

#include <memory>

#include "data/sets/set.h"
#include "data/sets/textures.h"

namespace gapbench::data {
namespace {

/// Raise it when the same options give other pictures or labels: it is part of every trial's
/// identity. Version 1 drew another class with probability label_noise, in both parts.
int generator_version(const Options& options) { return options.real("label_noise") > 0 ? 2 : 1; }

constexpr OptionSpec options[] = {
    option::integer("seed", "which prototypes and pictures").at_least(0).by_default(0.0),
    option::integer("examples", "training pictures").at_least(1).at_most(1e6).by_default(10000.0),
    option::integer("test_examples", "test pictures").at_least(1).at_most(1e6).by_default(2000.0),
    option::real("noise", "deviation of the pixel noise")
        .at_least(0)
        .at_most(255)
        .in_unit("byte levels")
        .by_default(20.0),
    option::real("label_noise",
                 "share of the training labels drawn at random among all classes; 1: random labels")
        .at_least(0)
        .at_most(1)
        .by_default(0.02),
};

class Synthetic final : public Set {
 public:
  Synthetic(Kind kind, std::size_t classes, Difficulty difficulty)
      : Set(kind), classes_(classes), difficulty_(difficulty) {}

  Source read(const Place& place) const override {
    const Options& o = place.options;
    Source source;
    source.shape = {Textures::side, Textures::side, 3};
    source.classes = classes_;
    source.checksum = checksum(place);
    source.notes.push_back(
        fmt::format("{}: made-up pictures; says nothing about real data", kind().name));
    const Random random = Random(o.count("seed")).at(kind().name);
    Difficulty difficulty = difficulty_;
    difficulty.noise = o.real("noise");
    ImageRecords records;
    records.buffers.resize(2);
    unsigned char* const train = room(records.train, records.buffers[0], o.count("examples"));
    unsigned char* const test = room(records.test, records.buffers[1], o.count("test_examples"));
    const auto textures = std::make_shared<const Textures>(random, classes_, difficulty);
    records.draw = [=, classes = classes_](bool of_test, std::size_t i) {
      const Random picture = random.at(of_test ? "test" : "train", i).at("picture");
      textures->draw(picture, i % classes,
                     {(of_test ? test : train) + i * Textures::bytes, Textures::bytes});
    };
    source.records = std::move(records);
    return source;
  }

  std::string checksum(const Place& place) const override {
    std::string text =
        fmt::format("{} version {}\n", kind().name, generator_version(place.options));
    for (const auto& [name, value] : place.options.values()) {
      text += fmt::format("{}={}\n", name, gapbench::to_text(value));
    }
    return hash_bytes(Digest::sha256, text);
  }

 private:
  /// Labels, and where the pictures are to lie.
  unsigned char* room(ImagePart& part, std::vector<unsigned char>& buffer,
                      std::size_t count) const {
    buffer.resize(count * Textures::bytes);
    for (std::size_t i = 0; i < count; ++i) {
      part.labels.push_back(static_cast<std::int32_t>(i % classes_));
      part.images.push_back(buffer.data() + i * Textures::bytes);
    }
    return buffer.data();
  }

  std::size_t classes_;
  Difficulty difficulty_;
};

}  // namespace

std::unique_ptr<const Set> make_synthetic10() {
  return std::make_unique<Synthetic>(Kind{.name = "synthetic10",
                                          .summary = "generated 32x32 colour textures, 10 classes; "
                                                     "not real data; gapbench",
                                          .options = options,
                                          .synthetic = true,
                                          .shape = {Textures::side, Textures::side, 3}},
                                     10, Difficulty{.prototypes = 3});
}

std::unique_ptr<const Set> make_synthetic100() {
  return std::make_unique<Synthetic>(Kind{.name = "synthetic100",
                                          .summary = "generated 32x32 colour textures, 100 "
                                                     "classes; not real data; gapbench",
                                          .options = options,
                                          .synthetic = true,
                                          .shape = {Textures::side, Textures::side, 3}},
                                     100,
                                     Difficulty{.prototypes = 1, .distraction = 0.6, .tint = 1.6});
}

}  // namespace gapbench::data
