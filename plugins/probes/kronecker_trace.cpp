// Trace of the Fisher information of each layer as K-FAC approximates it.
//
//   tr F_l ~ tr A_l tr G_l,    A_l and G_l the layer's Kronecker factors (see KroneckerLayer)
//
// under labels sampled from the model, one an example, on a fixed sample of micro_batch * count
// training examples, over all of which both factors are means. The trace of F_l itself is
// E |a|^2 |g|^2 for a linear layer: the approximation takes the two lengths as uncorrelated, and
// for a convolution the derivatives at two pixels too.
//
// Reported: trace_<layer> for each linear layer and convolution, weights and biases together, and
// their sum `trace`, which beside fisher_trace (the same labels) leaves out normalizations. Under
// batch normalization the derivatives are those of the coupled examples.
//
// Source: Martens, Grosse 2015, "Optimizing neural networks with Kronecker-factored approximate
// curvature"; Grosse, Martens 2016, "A Kronecker-factored approximate Fisher matrix for convolution
// layers".
// State: none. Cost: 1 forward + 1 backward a sample, and the factors' sums. Memory: the largest
// pair of factors, for each thread.

#include <string>
#include <vector>

#include <gapbench/error.h>
#include <gapbench/plugin.h>

namespace {

using gapbench::KroneckerLayer;
namespace option = gapbench::option;

constexpr auto options = option::sample({.count = 4});

double trace(const std::vector<float>& m, std::size_t rows) {
  double sum = 0;
  for (std::size_t i = 0; i < rows; ++i) sum += m[i * rows + i];
  return sum;
}

/// "stage1.block1.conv1.weight": "stage1_block1_conv1".
std::string layer_name(const gapbench::TensorInfo& weight) {
  std::string name = weight.name.substr(0, weight.name.rfind('.'));
  for (char& c : name) {
    if (c == '.') c = '_';
  }
  return name;
}

class KroneckerTrace final : public gapbench::Probe {
 public:
  explicit KroneckerTrace(const gapbench::Options& o) : sample_(gapbench::sample_of(o)) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    std::vector<std::vector<Traces>> found(sample_.count);
    std::vector<KroneckerLayer> layers;
    snapshot.for_each_micro_batch(sample_, [&](gapbench::MicroBatch& m, std::size_t k) {
      if (m.kronecker_layers().empty()) return;
      found[k] = traces(m);
      if (k == 0) layers.assign(m.kronecker_layers().begin(), m.kronecker_layers().end());
    });
    if (layers.empty()) {
      throw gapbench::Error("kronecker_trace",
                            "needs a problem with linear layers or convolutions, this has none");
    }
    double sum = 0;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      Traces mean;
      for (const auto& micro_batch : found) {
        mean.a += micro_batch[l].a / static_cast<double>(found.size());
        mean.g += micro_batch[l].g / static_cast<double>(found.size());
      }
      const auto& weight = snapshot.parameters().tensors[layers[l].tensor];
      metrics.add("trace_" + layer_name(weight), mean.a * mean.g, "");
      sum += mean.a * mean.g;
    }
    metrics.add("trace", sum, "");
  }

 private:
  struct Traces {
    double a = 0;
    double g = 0;
  };

  static std::vector<Traces> traces(gapbench::MicroBatch& m) {
    const gapbench::CrossEntropy head(m.sampled_labels("fisher"));
    std::vector<Traces> all;
    std::vector<float> a;
    std::vector<float> g;
    for (const KroneckerLayer& layer : m.kronecker_layers()) {
      a.resize(layer.inputs * layer.inputs);
      g.resize(layer.outputs * layer.outputs);
      m.kronecker_factors(head, all.size(), a, g);
      all.push_back({trace(a, layer.inputs), trace(g, layer.outputs)});
    }
    return all;
  }

  gapbench::Sample sample_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<KroneckerTrace>(
    {.name = "kronecker_trace",
     .summary = "K-FAC's trace of the Fisher information by layers; Martens, Grosse 2015",
     .example = "micro_batch=8 count=2",
     .revision = 2},
    options));
