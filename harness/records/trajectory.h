// What one trial leaves for others: step lengths and its end.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "train/settings.h"
#include "train/trial.h"

namespace gapbench::records {

/// In the record of a trial that others follow: |w_(k+1) - w_k| of step k as 32-bit little-endian
/// floats, nothing else.
inline constexpr const char* steps_file = "steps.f32";

/// In the record of a trial that others start from or are handed the end of, or that keeps its
/// parameters: those that it was last evaluated at, then the running statistics of batch normalization that were used there, as
/// 32-bit little-endian floats, nothing else.
inline constexpr const char* end_file = "end.f32";

/// Throws Error when it is missing, cut off, or holds a number that is not finite.
std::vector<float> read_end(const std::filesystem::path& record);

/// Throws Error when it is missing, cut off, or holds a length that is negative or not finite.
std::vector<float> read_steps(const std::filesystem::path& record);

/// The SHA-256 of the bytes of steps.f32.
std::string steps_hash(std::span<const float> lengths);

/// Why the trial in `folder` cannot follow its sources ("small-batch seed 1: diverged"), or nothing
/// when all of them have finished well.
std::optional<std::string> unusable_source(const train::TrialSettings& settings,
                                           const std::filesystem::path& folder);

/// What every source has left. Throws Error as read_steps and read_end, and for lengths or an
/// end that are not those whose hash the source's summary has.
train::HandedOver read_handed_over(const train::TrialSettings& settings,
                                   const std::filesystem::path& folder);

}  // namespace gapbench::records
