// Pieces of trial.yaml that more than one file needs.
#pragma once

#include <string>

#include "suite/yaml/node.h"
#include "train/settings.h"

namespace gapbench::suite {

inline constexpr const char* schedule_kinds = "constant|step|cosine|polynomial|trapezoid";
const char* to_text(train::ScheduleSettings::Kind kind);
train::ScheduleSettings::Kind schedule_kind(const std::string& text);  ///< one of schedule_kinds
const char* to_text(train::Hands hands);

/// {name, revision, options: {...}}
Node choice_tree(const train::Choice& choice);

/// The same and the parts, the split, the augmentation and the checksum.
Node data_tree(const train::DataSettings& data);

}  // namespace gapbench::suite
