// Kronecker factors: the shape of a layer's curvature as K-FAC approximates it.
#pragma once

#include <cstddef>

namespace gapbench {

/// A layer that multiplies: y_t = W a_t + b at each of T positions t. A linear layer has one; a
/// convolution has as many as its output has pixels, and a_t is the patch that pixel t sees, zeros
/// on the padding, in the plain order of W's columns, [in, height, width]. Where there is a bias,
/// a_t has a 1 behind that: the homogeneous coordinate.
///
/// With a_it of example i and g_it = d s_i / d y_it, s_i the head of example i alone:
///
///   A = (1/n) sum_i sum_t a_it a_it^T        [inputs, inputs]
///   G = (1/(n T)) sum_i sum_t g_it g_it^T    [outputs, outputs]
///
/// both symmetric. Under the cross-entropy on labels sampled from the model the layer's block of
/// the Fisher information is approximated by A (x) G, and its trace by tr A tr G: right where a and
/// g are independent, and derivatives at two positions uncorrelated. Normalizations have no
/// factors. Source: Martens, Grosse 2015, "Optimizing neural networks with Kronecker-factored
/// approximate curvature"; for convolutions Grosse, Martens 2016, "A Kronecker-factored approximate
/// Fisher matrix for convolution layers" (KFC), where A is Omega and G is Gamma.
struct KroneckerLayer {
  std::size_t tensor = 0;   ///< of W in the problem's tensors; a bias is the one behind it
  std::size_t inputs = 0;   ///< columns of W, and 1 more where there is a bias
  std::size_t outputs = 0;  ///< rows of W
  /// T. A is a sum over positions and G their mean, so A (x) G needs no further factor; some code
  /// takes both as means (K-FAC of noisy natural gradients, for one) and multiplies by T.
  std::size_t positions = 1;
};

}  // namespace gapbench
