// The transforms of F(4x4, 3x3) with the points 0, 1, -1, 2, -2 and infinity, along one line of a
// tile (Winograd 1980; Lavin, Gray 2016, "Fast algorithms for convolutional neural networks", 4.2).
// With g a filter, d six numbers of the input and y four of the output,
//
//   y = A^T [(G g) (B^T d)]
//
// and in two dimensions Y = A^T [(G g G^T) (B^T d B)] A, the products element by element.
#pragma once

namespace gapbench::nn::winograd {

inline constexpr std::size_t side = 6;  ///< of a transformed tile
inline constexpr std::size_t kept = 4;  ///< of a tile of the output
inline constexpr std::size_t taps = 3;  ///< of the filter
inline constexpr std::size_t points = side * side;

/// B^T d
template <class X>
[[gnu::always_inline]] inline void input_line(const X (&d)[side], X (&t)[side]) {
  const X even = d[4] - 4 * d[2];
  const X odd = d[3] - 4 * d[1];
  const X even2 = d[4] - d[2];
  const X odd2 = d[3] - d[1];
  t[0] = d[4] + 4 * d[0] - 5 * d[2];
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = even2 + 2 * odd2;
  t[4] = even2 - 2 * odd2;
  t[5] = d[5] + 4 * d[1] - 5 * d[3];
}

/// A^T m
template <class X>
[[gnu::always_inline]] inline void output_line(const X (&m)[side], X (&y)[kept]) {
  const X sum = m[1] + m[2];
  const X difference = m[1] - m[2];
  const X sum2 = m[3] + m[4];
  const X difference2 = m[3] - m[4];
  y[0] = m[0] + sum + sum2;
  y[1] = difference + 2 * difference2;
  y[2] = sum + 4 * sum2;
  y[3] = difference + 8 * difference2 + m[5];
}

/// A y, the adjoint of output_line
template <class X>
[[gnu::always_inline]] inline void cotangent_line(const X (&y)[kept], X (&m)[side]) {
  const X even = y[0] + y[2];
  const X odd = y[1] + y[3];
  const X even2 = y[0] + 4 * y[2];
  const X odd2 = 2 * y[1] + 8 * y[3];
  m[0] = y[0];
  m[1] = even + odd;
  m[2] = even - odd;
  m[3] = even2 + odd2;
  m[4] = even2 - odd2;
  m[5] = y[3];
}

/// G g
template <class X>
[[gnu::always_inline]] inline void filter_line(const X (&g)[taps], X (&u)[side]) {
  const X sum = (g[0] + g[2]) * (1.0F / 6);
  const X middle = g[1] * (1.0F / 6);
  const X sum2 = g[0] * (1.0F / 24) + g[2] * (1.0F / 6);
  const X middle2 = g[1] * (1.0F / 12);
  u[0] = g[0] * 0.25F;
  u[1] = -sum - middle;
  u[2] = middle - sum;
  u[3] = sum2 + middle2;
  u[4] = sum2 - middle2;
  u[5] = g[2];
}

/// G^T u, the adjoint of filter_line
template <class X>
[[gnu::always_inline]] inline void filter_gradient_line(const X (&u)[side], X (&g)[taps]) {
  const X sum = (u[1] + u[2]) * (1.0F / 6);
  const X sum2 = u[3] + u[4];
  g[0] = u[0] * 0.25F - sum + sum2 * (1.0F / 24);
  g[1] = (u[2] - u[1]) * (1.0F / 6) + (u[3] - u[4]) * (1.0F / 12);
  g[2] = sum2 * (1.0F / 6) - sum + u[5];
}

}  // namespace gapbench::nn::winograd
